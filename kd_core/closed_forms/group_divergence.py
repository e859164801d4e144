"""The weighted terms of KD taken apart by groups of classes, value and gradient in one pass.

Of one sample, with z = s/T, w = t/T, the masses b of the groups, and p^g, q^g, the softmaxes of
the logits of group g alone:
    between  = KL(b_t || b_s),  of slope (b_s - b_t)_g p^g_i in z_i
    within_g = KL(q^g || p^g),  of slope p^g_i - q^g_i
    reversed = KL(p^g || q^g),  of slope p^g_i (log p^g_i / q^g_i - reversed)
so one restricted softmax of either model is all that the gradient needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from kd_core.closed_forms.closed_form import ClosedForm, Saved
from kd_core.closed_forms.group_formula import between_rows, log_masses, within_rows
from kd_core.closed_forms.groups import Groups
from kd_core.kernels import choice

if TYPE_CHECKING:
    from kd_core.kernels.groups import GroupTerms

CACHED_ELEMENTS = 131_072  # of one model, in a block of rows: its buffers share the cache well


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
        if self.groups.may_be_empty or self.change is not None:
            terms = self.formula(student)
        else:
            terms = ClosedForm(self.formula, *self._passes(student))(student)
        return terms.unbind()

    def _passes(
        self, student: Tensor
    ) -> tuple[Callable[[Tensor], tuple[Tensor, Saved]], Callable[[Saved, Tensor], Tensor]]:
        """How values and gradient are found: by torch's operations, or by a kernel."""
        if self.direction == "forward" and choice.usable(student, "groups"):
            return self.kernel_values, self.kernel_gradient
        return self.values, self.gradient

    def kernel_values(self, student: Tensor) -> tuple[Tensor, Saved]:
        members = self.groups.of_classes().to(torch.int8)
        found = self._launched(student, members, student.new_zeros(1 + self.groups.count))
        rows, masses = found.terms.T, found.log_masses.exp().T
        scales = self._scales(rows)
        return self._terms(rows, masses, scales), (student, members, masses, scales)

    def kernel_gradient(self, saved: Saved, weights: Tensor) -> Tensor:
        """In a second launch: what the terms weigh is known only now."""
        student, members, masses, scales = saved
        of_rows = (weights * scales).unsqueeze(1).expand(-1, len(student))
        if self.by_mass is not None:
            of_rows = torch.cat([of_rows[:1], of_rows[1:] * self._counted(masses)])
        return self._launched(student, members, of_rows.T).gradient

    def _launched(self, student: Tensor, members: Tensor, weights: Tensor) -> GroupTerms:
        from kd_core.kernels.groups import groups_terms_and_gradients

        return groups_terms_and_gradients(student, self.teacher, members, self.temperature, weights)

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
        """What a divergence in a sample adds to its term, for rows [.., B]. [1 + groups]"""
        scale = self.temperature**2 / rows.shape[-1]
        return _constants(tuple(weight * scale for weight in self.weights), rows.dtype, rows.device)

    def _counted(self, masses: Tensor) -> Tensor:
        """The masses of the groups that count by them, 1 for the others. [groups, B]"""
        by_mass = zip(self.by_mass or (), masses, strict=True)
        return torch.stack([mass if counts else torch.ones_like(mass) for counts, mass in by_mass])

    def values(self, student: Tensor) -> tuple[Tensor, Saved]:
        blocks, listed = [], []
        for part in self._parts(student):
            block, beside = self._divided(*part)
            blocks.append(_within(block, self.direction))
            listed.append(beside)
        apart = [_within(at, self.direction) for at in self._apart(_joined(listed, dim=1))]
        found = [*apart, _rejoined(blocks)]
        logs = torch.log_softmax(torch.stack([at.totals for at in found], dim=1), dim=1)
        masses = logs.exp()  # [2, groups, B]
        (log_p, log_q), q = logs.unbind(), masses[1]
        between = (log_q - log_p).mul_(q).sum(dim=0)
        rows = torch.stack([between, *(at.divergences for at in found)])
        scales = self._scales(rows)
        slopes = (at.slopes for at in (*apart, *blocks))
        return self._terms(rows, q, scales), (masses, *slopes)

    def _parts(self, student: Tensor) -> Iterable[tuple[Tensor, ...]]:
        """Student, teacher, what is listed and what of that stays, a few rows at a time."""
        given = (student, self.teacher, self.groups.apart, self.groups.stays)
        inputs = [at for at in given if at is not None]
        rows = _rows(student)
        if rows >= len(student):
            return [tuple(inputs)]
        return zip(*(torch.split(at, rows) for at in inputs), strict=True)

    def _divided(
        self, student: Tensor, teacher: Tensor, classes: Tensor, staying: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Divided logits, lowest where a class is apart [2, rows, C], and those of the classes
        listed [2, rows, K].
        """
        block = student.new_empty(2, *student.shape)
        z, w = block.unbind()
        torch.mul(student, 1 / self.temperature, out=z)
        torch.mul(teacher, 1 / self.temperature, out=w)
        apart = classes.expand(2, -1, -1)
        listed = block.gather(2, apart)
        block.scatter_(2, apart, _lowest(block))
        if staying is not None:
            block.scatter_(2, apart, listed.masked_fill(~staying, _lowest(block)))
        return block, listed

    def _apart(self, listed: Tensor) -> Iterable[Tensor]:
        """What is listed, group by group, lowest where a class stays in the rest. [2, B, size]"""
        if self.groups.stays is not None:
            return [listed.masked_fill(self.groups.stays, _lowest(listed))]
        if len(self.groups.sizes) == 1:
            return [listed]
        return torch.split(listed, list(self.groups.sizes), dim=2)

    def gradient(self, saved: Saved, weights: Tensor) -> Tensor:
        masses, *slopes = saved
        listed, blocks = slopes[: self.groups.rest], slopes[self.groups.rest :]
        between, *within = (weights * self._scales(masses) / self.temperature).unbind()
        if self.by_mass is not None:
            counted = self._counted(masses[1]).unsqueeze(2)
            within = [weight * mass for weight, mass in zip(within, counted, strict=True)]
        outer = [(gap * between).unsqueeze(1) for gap in _gaps(masses)]  # of p^g, [B, 1] each

        apart = [_weighed(*at) for at in zip(listed, outer, within, strict=False)]
        gradient = _in_blocks(blocks, outer[-1], within[-1], self.groups.classes)
        # Slopes are 0 outside of their own group, so what is added meets nothing else.
        return gradient.scatter_add_(1, self.groups.apart, _joined(apart, dim=1))


@dataclass(frozen=True)
class _Within:
    """One group of every sample."""

    slopes: Tensor  # [2, B, n], the student's softmax within, and the slope of the divergence
    totals: Tensor  # [2, B], log-sums of the student's and of the teacher's logits
    divergences: Tensor  # [B]


def _within(logits: Tensor, direction: str) -> _Within:
    """Of divided logits [2, B, n], lowest where a class is not in the group: what is saved of them
    takes their place.
    """
    if logits.shape[2] == 1:
        return _Within(logits.new_empty(0), logits.squeeze(2), logits.new_zeros(logits.shape[1]))
    p, q = logits.unbind()
    gaps = q - p
    totals = logits.amax(dim=2)
    torch.softmax(logits, dim=2, out=logits)
    # The greatest share is 1 / sum exp(z - max z).
    totals.sub_(logits.amax(dim=2).log_())
    of_student, of_teacher = totals.unbind()
    gaps.sub_((of_teacher - of_student).unsqueeze(1))  # log q/p
    return _Within(logits, totals, _COMPARE[direction](p, q, gaps))


def _forward(p: Tensor, q: Tensor, log_ratio: Tensor) -> Tensor:
    """KL(q || p), by log q/p. The slope is written over q, and the log-ratio is used up."""
    divergence = log_ratio.mul_(q).sum(dim=1)
    torch.sub(p, q, out=q)  # exactly 0 where the student is the teacher
    return divergence


def _reverse(p: Tensor, q: Tensor, log_ratio: Tensor) -> Tensor:
    divergence = -(log_ratio * p).sum(dim=1)
    torch.add(log_ratio, divergence.unsqueeze(1), out=q).mul_(p).neg_()
    return divergence


def _symmetric(p: Tensor, q: Tensor, log_ratio: Tensor) -> Tensor:
    forward, reverse = (log_ratio * q).sum(dim=1), -(log_ratio * p).sum(dim=1)
    q.sub_(p).addcmul_(p, log_ratio.add_(reverse.unsqueeze(1))).div_(-2)
    return (forward + reverse) / 2


_COMPARE = {"forward": _forward, "reverse": _reverse, "symmetric": _symmetric}


def _rejoined(blocks: list[_Within]) -> _Within:
    """Without their slopes, which stay in blocks."""
    totals = _joined([at.totals for at in blocks], dim=1)
    divergences = _joined([at.divergences for at in blocks], dim=0)
    return _Within(blocks[0].slopes, totals, divergences)


def _joined(parts: list[Tensor], dim: int) -> Tensor:
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=dim)


@lru_cache(maxsize=64)
def _constants(numbers: tuple[float, ...], dtype: torch.dtype, device: torch.device) -> Tensor:
    """A few numbers as a tensor, made once: the same in every step. Nobody writes to it."""
    return torch.tensor(numbers, dtype=dtype, device=device)


def _gaps(masses: Tensor) -> Sequence[Tensor]:
    """The gaps p - q as p (1 - q) - q (1 - p), with each 1 - x summed from the other groups.

    [2, groups, B] -> [B] for each group; exact also where one group has nearly all.
    """
    if masses.shape[1] == 2:  # noqa: PLR2004
        p, p_rest, q, q_rest = masses.flatten(0, 1).unbind()
        gap = p * q_rest - q * p_rest
        return gap, -gap
    others = masses.roll(1, 1) + masses.roll(2, 1)
    p, q = others.flip(0).mul_(masses).unbind()
    return (p - q).unbind()


def _weighed(slopes: Tensor, outer: Tensor, inner: Tensor, out: Tensor | None = None) -> Tensor:
    """The gradient in one group. [B, n]"""
    if slopes.numel() == 0:  # of one class alone
        return outer
    share, slope = slopes.unbind()
    return torch.mul(slope, inner, out=out).addcmul_(share, outer)


def _in_blocks(blocks: Sequence[Tensor], outer: Tensor, inner: Tensor, classes: int) -> Tensor:
    """The same in a group whose slopes are in blocks of rows. [B, C]"""
    if len(blocks) == 1:
        return _weighed(blocks[0], outer, inner)
    gradient = outer.new_empty(len(outer), classes)
    heights = [block.shape[1] for block in blocks]
    parts = (torch.split(at, heights) for at in (outer, inner.expand_as(outer), gradient))
    for block, *part in zip(blocks, *parts, strict=True):
        _weighed(block, *part)
    return gradient


def _lowest(logits: Tensor) -> float:
    """A softmax makes exactly 0 of it, and the difference of two of them is 0 and not NaN."""
    return torch.finfo(logits.dtype).min


def _rows(matrix: Tensor) -> int:
    """How many rows stay in the cache from one operation to the next; all of them elsewhere."""
    batch, classes = matrix.shape
    if matrix.device.type != "cpu":
        return batch
    blocks = -(-batch * classes // CACHED_ELEMENTS)
    return -(-batch // blocks)
