"""What the windows make of gaps between sorted logits: of the student's and of the teacher's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from kd_core.kendall.sigmoids import Scratch, tanh_of_half_, within_normal_
from kd_core.kendall.tiles import TILE, Group, ended

BEYOND = 3e38  # ends a row: too far from all its numbers to matter
WIDEST = 60.0  # half a tile's scaled numbers and followers: no exponential leaves float32
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

    def among(self, group: Group) -> Below:
        """(1 - tanh(k gap)) / 2 of the pairs of these tiles."""
        numbers = group.windows(self.rows)
        return Shares.of(numbers, self.factor, group) or Sigmoids(numbers, self.factor, group)

    def times_(self, gaps: Tensor) -> Tensor:
        return _times(gaps, self.factor)


class Below(Protocol):
    """(1 - tanh(k gap)) / 2 of some shifts of a group's pairs, which keeps its digits where tanh is
    all but 1.
    """

    def at(self, start: int, out: Tensor) -> Tensor: ...


@dataclass(frozen=True)
class Sigmoids:
    """From any gaps."""

    numbers: Tensor  # [TILE + followers, tiles], as `Scaled` has them
    factor: float
    group: Group

    def at(self, start: int, out: Tensor) -> Tensor:
        return _times(self.group.gaps(self.numbers, start, out), self.factor).sigmoid_()


@dataclass(frozen=True)
class Shares:
    """The same from an exponential of every number rather than of every pair's gap: each pair is
    then the share of the one in the sum of both. Of tiles that are not too wide for exponentials.
    """

    powers: (
        Tensor  # exp of the scaled numbers, 0 beyond the end of a row. [TILE + followers, tiles]
    )
    of_tile: Tensor  # the same of the tile's own, never 0. [TILE, tiles]
    group: Group

    @classmethod
    def of(cls, numbers: Tensor, factor: float, group: Group) -> Shares | None:
        first, inside = numbers[:1], numbers.abs() < BEYOND / 2
        reach = torch.where(inside, numbers - first, 0)  # sorted, so all to one side
        half = (reach.amax(dim=0) + reach.amin(dim=0)) / 2
        if float(half.abs().max()) * abs(factor) > WIDEST:
            return None
        powers = numbers.sub_(first + half).mul_(factor).exp_()
        return cls(powers, powers[:TILE].clamp(min=torch.finfo(powers.dtype).tiny), group)

    def at(self, start: int, out: Tensor) -> Tensor:
        followers = self.group.following(self.powers, start)
        return torch.div(followers, torch.add(followers, self.of_tile, out=out), out=out)


@dataclass(frozen=True)
class Ties:
    """The same where tanh is the sign: of sorted rows, only ties lack something of 1."""

    rows: Tensor  # as `ended` makes them, up to BEYOND

    def among(self, group: Group) -> Below:
        return _Tied(group.windows(self.rows), group)


@dataclass(frozen=True)
class _Tied:
    numbers: Tensor
    group: Group

    def at(self, start: int, out: Tensor) -> Tensor:
        return self.group.gaps(self.numbers, start, out).le_(0).div_(2)


def _times(gaps: Tensor, factor: float) -> Tensor:
    return gaps if factor == 1 else gaps.mul_(factor)


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
