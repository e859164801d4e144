"""The weighted terms of KD taken apart by groups of classes, value and gradient in one pass.

Of one sample, with z = s/T, w = t/T, the masses b of the groups, and p^g, q^g, the softmaxes of
the logits of group g alone:
    between  = KL(b_t || b_s)
    within_g = KL(q^g || p^g) = sum q^g (w - z) - (log-sum of w in g) + (log-sum of z in g)
    d (w_0 between + sum_g w_g within_g) / dz_i = w_0 (b_s - b_t)_g p^g_i + w_g (p^g_i - q^g_i)
so one restricted softmax of either model is all that the gradient needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from kd_core.closed_forms.closed_form import ClosedForm, Saved
from kd_core.closed_forms.group_formula import between_rows, log_masses, within_rows
from kd_core.closed_forms.groups import Groups

CACHED_ELEMENTS = 65_536  # of a block of rows: a few blocks of float32 fit a second-level cache


@dataclass(frozen=True)
class Weights:
    """What each divergence counts, as a mean over the batch."""

    between: float
    within: tuple[float, ...]  # of each group
    by_mass: tuple[bool, ...] = (False, False, False)
    """Whether that of a group counts, in each sample, by the teacher's mass on the group."""


@dataclass(frozen=True)
class GroupDivergence:
    """The terms [1 + groups], times T^2, of the student's logits: between, then within each."""

    teacher: Tensor  # [B, C]
    groups: Groups
    temperature: float
    weights: Weights
    direction: str = "forward"
    """Of the divergences within; that between the groups is always forward."""
    change: Callable[[Tensor], Tensor] | None = None
    """Made to the logits before they are compared within the groups."""

    def __call__(self, student: Tensor) -> Tensor:
        if self.groups.may_be_empty or self.direction != "forward" or self.change is not None:
            return self.formula(student)
        return ClosedForm(self.formula, self.values, self.gradient)(student)

    def formula(self, student: Tensor) -> Tensor:
        z, w = student / self.temperature, self.teacher / self.temperature
        between = between_rows(z, w, self.groups)
        masses = log_masses(w, self.groups).exp()
        if self.change is not None:
            z = self.change(student) / self.temperature
            w = self.change(self.teacher) / self.temperature
        return self._terms(between, within_rows(z, w, self.groups, self.direction), masses)

    def _terms(self, between: Tensor, within: Tensor, masses: Tensor) -> Tensor:
        """Of the divergences of every sample [B], [B, groups] and the teacher's masses."""
        scale = self.temperature**2
        terms = [self.weights.between * scale * between.mean()]
        for g, weight in enumerate(self.weights.within):
            counted = within[:, g] * masses[:, g] if self.weights.by_mass[g] else within[:, g]
            terms.append(weight * scale * counted.mean())
        return torch.stack(terms)

    def values(self, student: Tensor) -> tuple[Tensor, Saved]:
        found = [self._within_listed(student, g) for g in range(self.groups.rest)]
        found.append(self._within_rest(student))
        log_p = torch.log_softmax(torch.stack([at.student_total for at in found], dim=1), dim=1)
        log_q = torch.log_softmax(torch.stack([at.teacher_total for at in found], dim=1), dim=1)
        p, q = log_p.exp(), log_q.exp()
        between = (q * (log_q - log_p)).sum(dim=1)
        within = torch.stack([at.divergence for at in found], dim=1)
        shares = (share for at in found for share in (at.p, at.q))
        return self._terms(between, within, q), (q, _mass_gaps(p, q), *shares)

    def _within_listed(self, student: Tensor, g: int) -> _Within:
        outside = self.groups.group != g
        z, w = (
            self._listed(logits).masked_fill_(outside, _lowest(logits))
            for logits in (student, self.teacher)
        )
        return _within(z, w, torch.empty_like(z), torch.empty_like(w))

    def _within_rest(self, student: Tensor) -> _Within:
        """Of all classes but those listed in other groups, in blocks of rows."""
        elsewhere = self.groups.group != self.groups.rest
        listed = [
            self._listed(logits).masked_fill_(elsewhere, _lowest(logits))
            for logits in (student, self.teacher)
        ]
        p, q = (
            torch.empty(student.shape, dtype=student.dtype, device=student.device) for _ in "pq"
        )
        found = []
        z_block, w_block = (torch.empty_like(p[next(_blocks(p))]) for _ in "zw")
        for rows in _blocks(p):
            z, w = z_block[: len(p[rows])], w_block[: len(p[rows])]
            for divided, logits, at in zip((z, w), (student, self.teacher), listed, strict=True):
                torch.div(logits[rows], self.temperature, out=divided)
                divided.scatter_(1, self.groups.apart[rows], at[rows])
            found.append(_within(z, w, p[rows], q[rows]))
        names = ("student_total", "teacher_total", "divergence")
        return _Within(p, q, *(torch.cat([getattr(at, name) for at in found]) for name in names))

    def _listed(self, logits: Tensor) -> Tensor:
        """The divided logits of the classes that are listed. [B, K]"""
        return logits.gather(1, self.groups.apart).div_(self.temperature)

    def gradient(self, saved: Saved, weights: Tensor) -> Tensor:
        masses, gaps, *shares = saved
        *listed, rest = zip(shares[::2], shares[1::2], strict=True)
        slopes = [self._slopes(weights, masses, gaps, g) for g in range(self.groups.count)]
        gradient = torch.empty_like(rest[0])
        for rows in _blocks(gradient):
            block = [at[rows] for at in (*rest, *slopes[-1])]
            _apply_slopes(*block, out=gradient[rows])
        for (p, q), (outer, inner) in zip(listed, slopes, strict=False):
            # Shares are 0 outside of their own group, so what is added meets nothing else.
            apart = _apply_slopes(p, q, outer, inner, out=torch.empty_like(p))
            gradient.scatter_add_(1, self.groups.apart, apart)
        return gradient

    def _slopes(
        self, weights: Tensor, masses: Tensor, gaps: Tensor, g: int
    ) -> tuple[Tensor, Tensor]:
        """What p^g and what p^g - q^g count in the gradient. [B, 1] each"""
        scale = self.temperature / len(masses)
        mass, gap = masses[:, g : g + 1], gaps[:, g : g + 1]
        inner = (weights[1 + g] * (self.weights.within[g] * scale)).expand_as(mass)
        outer = weights[0] * (self.weights.between * scale) * gap
        return outer, inner * mass if self.weights.by_mass[g] else inner


def _apply_slopes(p: Tensor, q: Tensor, outer: Tensor, inner: Tensor, *, out: Tensor) -> Tensor:
    """The difference first: it is exactly 0 where the student is the teacher."""
    return torch.sub(p, q, out=out).mul_(inner).addcmul_(p, outer)


@dataclass(frozen=True)
class _Within:
    """One group of every sample: its softmaxes [B, n], and log-sums and divergence [B]."""

    p: Tensor
    q: Tensor
    student_total: Tensor
    teacher_total: Tensor
    divergence: Tensor


def _within(z: Tensor, w: Tensor, p: Tensor, q: Tensor) -> _Within:
    """Of divided logits, lowest where a class is not in the group. Writes to all four."""
    torch.softmax(z, dim=1, out=p)
    torch.softmax(w, dim=1, out=q)
    # The greatest share is 1 / sum exp(z - max z).
    z_total = z.amax(dim=1) - p.amax(dim=1).log_()
    w_total = w.amax(dim=1) - q.amax(dim=1).log_()
    divergence = w.sub_(z).mul_(q).sum(dim=1).sub_(w_total - z_total)
    return _Within(p, q, z_total, w_total, divergence)


def _mass_gaps(p: Tensor, q: Tensor) -> Tensor:
    """The gaps p - q, found from the other groups where the own mass is nearly 1. [B, groups]"""
    gaps = p - q
    others = sum(gaps.roll(shift, dims=1) for shift in range(1, gaps.shape[1]))
    return torch.where(p > 1 / 2, -others, gaps)


def _lowest(logits: Tensor) -> float:
    """A softmax makes exactly 0 of it, and the difference of two of them is 0 and not NaN."""
    return torch.finfo(logits.dtype).min


def _blocks(matrix: Tensor) -> Iterator[slice]:
    """Rows that stay in the cache from one operation to the next; all of them elsewhere."""
    rows = len(matrix)
    if matrix.device.type == "cpu":
        rows = min(rows, max(1, CACHED_ELEMENTS // matrix.shape[1]))
    for start in range(0, len(matrix), rows):
        yield slice(start, start + rows)
