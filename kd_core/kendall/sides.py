"""What the windows make of gaps between sorted logits: of the student's and of the teacher's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from kd_core.kendall.sigmoids import Scratch, tanh_of_half_, within_normal_
from kd_core.kendall.tiles import ended

BEYOND = 3e38  # ends a row: too far from all its numbers to matter
HARMLESS = 500.0  # k range whose rounding in float32 moves no slope by more than 3e-5


@dataclass(frozen=True)
class Scaled:
    """Rows by -2 k, for the sigmoid of their gaps. Scaling the rows costs one product a class
    where scaling the gaps costs one a pair, but large products have lost the digits of the gaps.
    """

    rows: Tensor
    factor: float  # still to be applied to gaps

    @classmethod
    def of(cls, rows: Tensor, k: float, widest: float, end: float = BEYOND) -> Scaled:
        factor = -2 * k
        if k * widest > HARMLESS:
            return cls(ended(rows, end), factor)
        middle = (rows[:, :1] + rows[:, -1:]) / 2
        scaled = (rows.double() - middle).mul_(factor).to(rows.dtype)
        return cls(ended(scaled, -end), 1.0)

    def below_(self, gaps: Tensor) -> Tensor:
        """(1 - tanh(k gap)) / 2, which keeps its digits where tanh is all but 1."""
        return self.times_(gaps).sigmoid_()

    def times_(self, gaps: Tensor) -> Tensor:
        return gaps if self.factor == 1 else gaps.mul_(self.factor)


class Ties:
    """The same where tanh is the sign: of sorted rows, only ties lack something of 1."""

    def __init__(self, rows: Tensor) -> None:
        self.rows = ended(rows, BEYOND)

    def below_(self, gaps: Tensor) -> Tensor:
        return gaps.le_(0).div_(2)


class Teachers(Protocol):
    """What the teacher says of a pair, times what the student's tanh lacks of 1 there."""

    @property
    def rows(self) -> Tensor: ...

    def lack_(self, gaps: Tensor, below: Tensor, scratch: Scratch) -> Tensor: ...


@dataclass(frozen=True)
class TeachersSign:
    rows: Tensor

    def lack_(self, gaps: Tensor, below: Tensor, _scratch: Scratch) -> Tensor:
        return gaps.sign_().mul_(below)


@dataclass(frozen=True)
class ExactTanh:
    rows: Tensor
    k: float

    def lack_(self, gaps: Tensor, below: Tensor, scratch: Scratch) -> Tensor:
        return tanh_of_half_(gaps.mul_(2 * self.k), scratch).mul_(below)


@dataclass(frozen=True)
class FastTanh:
    """tanh to 6e-8 of 1: where it is small itself, not to its last digit."""

    scaled: Scaled

    @property
    def rows(self) -> Tensor:
        return self.scaled.rows

    def lack_(self, gaps: Tensor, below: Tensor, _scratch: Scratch) -> Tensor:
        # Neighbours by the student may be far apart for the teacher.
        teachers_below = within_normal_(self.scaled.times_(gaps)).sigmoid_()
        return torch.addcmul(below, below, teachers_below, value=-2, out=teachers_below)
