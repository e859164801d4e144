"""Every pair of classes, a block at a time: exact, for every form and every number of classes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from kd_core.kendall.measure import Form, Measured, RankCorrelation, normalised
from kd_core.kendall.sigmoids import Scratch, halves_of, tanh_of_half_

BLOCK = 65536  # pairs at once: a handful of such tensors stays in the cache of one core

# exp(2 k range) and the sum of two of them must be numbers of the type.
LARGEST_EXPONENT = {torch.float32: 80.0, torch.float64: 600.0}


@dataclass(frozen=True)
class Block:
    """Some classes of some samples, each against all classes of its sample."""

    samples: slice
    classes: slice
    scratch: Scratch

    def own(self, logits: Tensor) -> Tensor:
        """Those of the block. [B, C] -> [samples, classes, 1]"""
        return logits[self.samples, self.classes, None]

    def all(self, logits: Tensor) -> Tensor:
        """Those they are held against. [B, C] -> [samples, 1, C]"""
        return logits[self.samples, None, :]

    def gaps(self, name: str, logits: Tensor) -> Tensor:
        """x_i - x_j, in the scratch buffer of that name. [B, C] -> [samples, classes, C]"""
        own, others = self.own(logits), self.all(logits)
        return torch.sub(own, others, out=self._buffer(name, own, others))

    def sums(self, name: str, logits: Tensor) -> Tensor:
        """x_i + x_j, as gaps."""
        own, others = self.own(logits), self.all(logits)
        return torch.add(own, others, out=self._buffer(name, own, others))

    def _buffer(self, name: str, own: Tensor, others: Tensor) -> Tensor:
        samples, classes, _ = own.shape
        return self.scratch(name, samples, classes, others.shape[2])


def blocks(like: Tensor, size: int) -> Iterator[Block]:
    """All pairs: several samples a block where they are small, a part of one where it is large."""
    samples, classes = like.shape
    together = max(1, size // classes**2)
    of_one = min(classes, max(1, size // classes))
    scratch = Scratch(like, min(samples, together) * of_one * classes)
    for first in range(0, samples, together):
        for start in range(0, classes, of_one):
            yield Block(slice(first, first + together), slice(start, start + of_one), scratch)


class Gaps:
    """tanh(k (x_i - x_j)) and its slope, from the gaps themselves."""

    def __init__(self, logits: Tensor, k: float) -> None:
        self._logits = logits
        self._k = k

    def tanh(self, block: Block) -> Tensor:
        doubled = block.gaps("tanh", self._logits).mul_(2 * self._k)
        return tanh_of_half_(doubled, block.scratch)

    def halves(self, block: Block) -> tuple[Tensor, Tensor]:
        return halves_of(block.gaps("below", self._logits).mul_(2 * self._k), block.scratch)


class Exponentials:
    """The same where no exponential overflows: with p = exp(2 k x), tanh is (p_i - p_j) / (p_i +
    p_j). One exponential a class is left of one a pair.
    """

    def __init__(self, logits: Tensor, k: float) -> None:
        above_least = (logits - logits.amin(dim=1, keepdim=True)) * (2 * k)
        # p - 1 has all its digits where p is close to 1, which a difference of two p's needs.
        self._less_one = torch.expm1(above_least)
        self._p = self._less_one + 1

    def tanh(self, block: Block) -> Tensor:
        return block.gaps("tanh", self._less_one).div_(block.sums("sums", self._p))

    def halves(self, block: Block) -> tuple[Tensor, Tensor]:
        inverse = block.sums("below", self._p).reciprocal_()
        above = torch.mul(inverse, block.own(self._p), out=block.scratch.of("above", inverse))
        return above, inverse.mul_(block.all(self._p))


class Signs:
    """The sign of every gap: what tanh becomes where k is without end."""

    def __init__(self, logits: Tensor) -> None:
        self._logits = logits

    def tanh(self, block: Block) -> Tensor:
        return block.gaps("tanh", self._logits).sign_()


Pairs = tuple[Tensor, Tensor]
"""Of every pair in a block: what it adds to tau, and its slope in the student's gap, over k."""


def pairwise(batch: Measured, size: int = BLOCK) -> RankCorrelation:
    """Tau of every sample and its slope, from all pairs. Blocks hold about `size` pairs."""
    student = batch.student
    tau = student.new_zeros(len(student), dtype=torch.float64)
    slope = torch.empty_like(student, memory_format=torch.contiguous_format)
    look = _pairs(batch)
    for block in blocks(student, size):
        values, slopes = look(block)
        tau[block.samples] += values.sum(dim=2).sum(dim=1, dtype=torch.float64)
        slope[block.samples, block.classes] = slopes.sum(dim=2)
    return normalised(tau, slope, batch.k)


def _pairs(batch: Measured) -> Callable[[Block], Pairs]:
    if batch.form is Form.PRODUCT:
        return _of_products(batch)
    student = _side(batch.student, batch.k, batch.student_range)
    teacher = (
        Signs(batch.teacher)
        if batch.form is Form.TEACHER_SIGN
        else _side(batch.teacher, batch.k, batch.teacher_range)
    )

    def look(block: Block) -> Pairs:
        above, below = student.halves(block)
        agreement = teacher.tanh(block)
        slopes = torch.mul(above, below, out=block.scratch.of("slopes", above))
        return above.sub_(below).mul_(agreement), slopes.mul_(4).mul_(agreement)

    return look


def _of_products(batch: Measured) -> Callable[[Block], Pairs]:
    """tanh(k (s_i - s_j) (t_i - t_j)): one tanh for both gaps."""

    def look(block: Block) -> Pairs:
        teacher = block.gaps("teacher", batch.teacher)
        doubled = block.gaps("below", batch.student).mul_(teacher).mul_(2 * batch.k)
        values = block.scratch.of("tanh", doubled).copy_(doubled)
        above, below = halves_of(doubled, block.scratch)
        slopes = above.mul_(below).mul_(4).mul_(teacher)
        return tanh_of_half_(values, block.scratch), slopes

    return look


def _side(logits: Tensor, k: float, widest: float) -> Gaps | Exponentials:
    return Exponentials(logits, k) if has_exponentials(logits, k, widest) else Gaps(logits, k)


def has_exponentials(logits: Tensor, k: float, widest: float) -> bool:
    return 2 * k * widest <= LARGEST_EXPONENT[logits.dtype]
