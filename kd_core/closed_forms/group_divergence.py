"""The weighted terms of KD taken apart by groups of classes, value and gradient in one pass.

Of one sample, with z = s/T, w = t/T, the masses b of the groups, and p^g, q^g, the softmaxes of
the logits of group g alone:
    between  = KL(b_t || b_s)
    within_g = KL(q^g || p^g) = sum q^g (w - z) - (log-sum of w in g) + (log-sum of z in g)
    d (w_0 between + sum_g w_g within_g) / dz_i = w_0 (b_s - b_t)_g p^g_i + w_g (p^g_i - q^g_i)
so one restricted softmax of either model is all that the gradient needs.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from kd_core.closed_forms.closed_form import ClosedForm, Saved
from kd_core.closed_forms.group_formula import between_rows, log_masses, within_rows
from kd_core.closed_forms.groups import Groups

CACHED_ELEMENTS = 65_536  # of one model, in a block of rows: all of its buffers fit the cache


@dataclass(frozen=True)
class GroupDivergence:
    """Between the groups, then within each: weighted means over the batch, times T^2. [1 + groups]

    A function of the student's logits.
    """

    teacher: Tensor  # [B, C]
    groups: Groups
    temperature: float
    weights: tuple[float, ...]
    by_mass: tuple[bool, ...] | None = None
    """Whether that within a group counts, in each sample, by the teacher's mass on the group."""
    direction: str = "forward"
    """Of the divergences within; that between the groups is always forward."""
    change: Callable[[Tensor], Tensor] | None = None
    """Made to the logits before they are compared within the groups."""

    def __call__(self, student: Tensor) -> tuple[Tensor, ...]:
        if self.groups.may_be_empty or self.direction != "forward" or self.change is not None:
            terms = self.formula(student)
        else:
            terms = ClosedForm(self.formula, self.values, self.gradient)(student)
        return terms.unbind()

    def formula(self, student: Tensor) -> Tensor:
        z, w = student / self.temperature, self.teacher / self.temperature
        between, masses = between_rows(z, w, self.groups), log_masses(w, self.groups).exp()
        if self.change is not None:
            z = self.change(student) / self.temperature
            w = self.change(self.teacher) / self.temperature
        within = within_rows(z, w, self.groups, self.direction)
        rows = torch.cat([between.unsqueeze(0), within.T])
        return self._terms(rows, masses.T, self._scales(rows))

    def _terms(self, rows: Tensor, masses: Tensor, scales: Tensor) -> Tensor:
        """Of every divergence in every sample [1 + groups, B], and the teacher's masses."""
        if self.by_mass is not None:
            rows = torch.cat([rows[:1], rows[1:] * self._counted(masses)])
        return rows.sum(dim=1) * scales

    def _scales(self, rows: Tensor) -> Tensor:
        """What a divergence in a sample adds to its term. [1 + groups]"""
        scale = self.temperature**2 / rows.shape[1]
        scales = torch.tensor([weight * scale for weight in self.weights], dtype=rows.dtype)
        return scales.to(rows.device, non_blocking=True)

    def _counted(self, masses: Tensor) -> Tensor:
        """The masses of the groups that count by them, 1 for the others. [groups, B]"""
        by_mass = zip(self.by_mass or (), masses, strict=True)
        return torch.stack([mass if counts else torch.ones_like(mass) for counts, mass in by_mass])

    def values(self, student: Tensor) -> tuple[Tensor, Saved]:
        blocks, listed = [], []
        for block, beside in self._divided(student):
            blocks.append(_within(block))
            listed.append(beside)
        apart = [_within(at) for at in self._apart(_joined(listed, dim=1))]
        found = [*apart, _rejoined(blocks)]
        totals = torch.stack([at.totals for at in found], dim=1)  # [2, groups, B]
        logs = torch.log_softmax(totals, dim=1)
        masses = logs.exp()
        (log_p, log_q), (z_totals, w_totals), q = logs.unbind(), totals.unbind(), masses[1]
        between = (log_q - log_p).mul_(q).sum(dim=0)
        rows = torch.stack([between, *(at.ratios for at in found)])
        rows[1:].sub_(w_totals.sub_(z_totals))
        scales = self._scales(rows)
        shares = (at.shares for at in (*apart, *blocks))
        return self._terms(rows, q, scales), (masses, scales / self.temperature, *shares)

    def _divided(self, student: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """Divided logits [2, rows, C], lowest where a class is apart, and those of the classes
        listed [2, rows, K], in blocks of rows. Each of the first is written over the one before.
        """
        rows = _rows(student)
        inputs = (_split(at, rows) for at in (student, self.teacher, self.groups.apart))
        stays = (None,) if self.groups.stays is None else _split(self.groups.stays, rows)
        whole = student.new_empty(2, min(rows, len(student)), self.groups.classes)
        for (s, t, classes), staying in zip(
            zip(*inputs, strict=True), itertools.cycle(stays), strict=False
        ):
            block = whole[:, : len(s)]
            torch.div(s, self.temperature, out=block[0])
            torch.div(t, self.temperature, out=block[1])
            apart = classes.expand(2, *classes.shape)
            listed = block.gather(2, apart)
            block.scatter_(2, apart, _lowest(block))
            if staying is not None:
                block.scatter_(2, apart, listed.masked_fill(~staying, _lowest(block)))
            yield block, listed

    def _apart(self, listed: Tensor) -> Iterable[Tensor]:
        """What is listed, group by group, lowest where a class stays in the rest. [2, B, size]"""
        if self.groups.stays is not None:
            return [listed.masked_fill(self.groups.stays, _lowest(listed))]
        return torch.split(listed, list(self.groups.sizes), dim=2)

    def gradient(self, saved: Saved, weights: Tensor) -> Tensor:
        masses, scales, *shares = saved
        listed, blocks = shares[: self.groups.rest], shares[self.groups.rest :]
        weights = weights * scales
        outer = _gaps(masses).mul_(weights[0]).unsqueeze(2)  # what p^g counts [groups, B, 1]
        inner = weights[1:, None, None].expand_as(outer)  # what p^g - q^g counts
        if self.by_mass is not None:
            inner = inner * self._counted(masses[1]).unsqueeze(2)

        gradient = masses.new_empty(masses.shape[2], self.groups.classes)
        parts = (_split(at, _rows(gradient)) for at in (outer[-1], inner[-1], gradient))
        for block, *part in zip(blocks, *parts, strict=True):
            _slopes(block, *part)
        apart = [_slopes(at, outer[g], inner[g]) for g, at in enumerate(listed)]
        # Shares are 0 outside of their own group, so what is added meets nothing else.
        return gradient.scatter_add_(1, self.groups.apart, _joined(apart, dim=1))


@dataclass(frozen=True)
class _Within:
    """One group of every sample."""

    shares: Tensor  # [2, B, n], softmax within the group, of the student and of the teacher
    totals: Tensor  # [2, B], log-sums of the same
    ratios: Tensor  # [B], mean under the teacher's of the gaps between their logits


def _within(logits: Tensor) -> _Within:
    """Of divided logits [2, B, n], lowest where a class is not in the group; they are used up."""
    z, w = logits.unbind()
    if logits.shape[2] == 1:
        return _Within(logits.new_empty(0), logits.squeeze(2), (w - z).squeeze(1))
    shares = torch.softmax(logits, dim=2)
    # The greatest share is 1 / sum exp(z - max z).
    totals = logits.amax(dim=2).sub_(shares.amax(dim=2).log_())
    return _Within(shares, totals, w.sub_(z).mul_(shares[1]).sum(dim=1))


def _rejoined(blocks: list[_Within]) -> _Within:
    """Without their shares, which stay as they are."""
    totals = _joined([at.totals for at in blocks], dim=1)
    return _Within(blocks[0].shares, totals, _joined([at.ratios for at in blocks], dim=0))


def _joined(parts: list[Tensor], dim: int) -> Tensor:
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=dim)


def _gaps(masses: Tensor) -> Tensor:
    """The gaps p - q as p (1 - q) - q (1 - p), with each 1 - x summed from the other groups.

    [2, groups, B] -> [groups, B]; exact also where one group has nearly all.
    """
    others = masses.flip(1) if masses.shape[1] == 2 else masses.roll(1, 1) + masses.roll(2, 1)  # noqa: PLR2004
    p, q = others.flip(0).mul_(masses).unbind()
    return p - q


def _slopes(shares: Tensor, outer: Tensor, inner: Tensor, out: Tensor | None = None) -> Tensor:
    """The difference first: it is exactly 0 where the student is the teacher. [B, n]"""
    if shares.numel() == 0:  # of one class alone
        return outer
    p, q = shares.unbind()
    return torch.sub(p, q, out=out).mul_(inner).addcmul_(p, outer)


def _lowest(logits: Tensor) -> float:
    """A softmax makes exactly 0 of it, and the difference of two of them is 0 and not NaN."""
    return torch.finfo(logits.dtype).min


def _rows(matrix: Tensor) -> int:
    """How many rows stay in the cache from one operation to the next; all of them elsewhere."""
    if matrix.device.type != "cpu":
        return len(matrix)
    return max(1, CACHED_ELEMENTS // matrix.shape[1])


def _split(matrix: Tensor, rows: int) -> tuple[Tensor, ...]:
    return (matrix,) if rows >= len(matrix) else torch.split(matrix, rows)
