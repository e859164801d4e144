"""Large k x range: only neighbours push each other, so only neighbours are looked at.

Beyond a few 1 / k, tanh is a sign. Writing tanh as the sign and what it lacks of it, for the
student and for the teacher, the sum over all pairs of tanh tanh is

    the sum of sign sign                           Kendall's count, by sorting
    + the sum of (tanh - sign) of the student, by tanh of the teacher      neighbours by s
    + the sum of sign of the student, by (tanh - sign) of the teacher      neighbours by t

and the slope, which is 0 where tanh is a sign, is a sum over neighbours by s. What a tie's sign is
does not matter, as long as it is the same in all three: the order of the sort decides.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from kd_core.kendall.concordance import concordance
from kd_core.kendall.measure import Form, Measured, RankCorrelation, normalised
from kd_core.kendall.order import ascending
from kd_core.kendall.sigmoids import Scratch, tanh_of_half_
from kd_core.kendall.tiles import BEYOND, PAIRS_AT_ONCE, Shifts, ended, followers, groups

NEAR = 8.0  # k x gap, for a first look: the slope has fallen to 5e-7
FARTHEST = 45.0  # the slope has fallen out of float32
NEAR_IN_VALUE = 7.0  # tanh lacks 2e-6 of 1
PROMISED = 3e-5  # of the norm of the slope


def windows(batch: Measured) -> RankCorrelation:
    """Tau of every sample and its slope, from neighbours and from Kendall's count."""
    by_student, by_teacher = ascending(batch.student), ascending(batch.teacher)
    forth = by_teacher.ranks.gather(1, by_student.classes)
    back = by_student.ranks.gather(1, by_teacher.classes)
    lacking, sorted_slope = _by_student(batch, by_student.classes)
    agreements = concordance(forth, back) + lacking + _by_teacher(batch, by_teacher.classes, back)
    slope = torch.empty_like(sorted_slope).scatter_(1, by_student.classes, sorted_slope)
    return normalised(2 * agreements, slope, batch.k)


def _by_student(batch: Measured, order: Tensor) -> tuple[Tensor, Tensor]:
    """What the student's tanh lacks of signs, and the slope by ascending logit.

    The distance is right when what lies beyond it is provably below the promised error: where
    nearly nothing is near, as at a very large k, the little there is must come from further away.
    """
    student, teacher = (x.gather(1, order) for x in (batch.student, batch.teacher))
    distance = NEAR
    while True:
        lacking, slope = _of_neighbours(batch, student, teacher, distance)
        everything = distance >= min(FARTHEST, batch.k * batch.student_range)
        if everything or _left_out(batch, student, distance) <= PROMISED * _size(slope):
            return lacking, slope
        distance *= 2


def _left_out(batch: Measured, student: Tensor, distance: float) -> float:
    """At most this much, in root mean square, is missing from an entry of the slope."""
    further = _size(followers(student, 2 * distance / batch.k).float())
    classes = student.shape[1]
    at_most = 2 * further * math.exp(-2 * distance) + classes * math.exp(-4 * distance)
    teacher = 1.0 if batch.form is Form.TEACHER_SIGN else min(1.0, batch.k * batch.teacher_range)
    return 4 * at_most * teacher


def _size(entries: Tensor) -> float:
    return float(torch.linalg.vector_norm(entries)) / math.sqrt(entries.numel())


def _of_neighbours(
    batch: Measured, student: Tensor, teacher: Tensor, distance: float
) -> tuple[Tensor, Tensor]:
    samples, classes = student.shape
    lacking = student.new_zeros(samples, dtype=torch.float64)
    slope = student.new_zeros(samples * (classes + 1))
    scratch = Scratch(student, PAIRS_AT_ONCE)
    student_ended, teacher_ended = ended(student, BEYOND), ended(teacher, 0.0)
    for group in groups(followers(student, distance / batch.k), classes):
        s, t = group.windows(student_ended), group.windows(teacher_ended)
        pushes, of_tiles = torch.zeros_like(s), torch.zeros_like(s[:, :64])
        for shifts in group.shifts():
            below = _short_of_one_(shifts.gaps(s, scratch("below", shifts.pairs)), batch.k)
            lack = _teachers_tanh(batch, shifts, t, scratch).mul_(below)
            of_tiles += lack.sum(dim=1)
            # 1 - tanh^2 is 4 below (1 - below).
            pairs, columns = shifts.slanted(scratch)
            torch.addcmul(lack, lack, below, value=-1, out=pairs)
            pushes[:, shifts.followed()] += columns.sum(dim=1)
            pushes[:, :64] -= pairs.sum(dim=1)
        lacking.index_add_(0, group.sample, of_tiles.sum(dim=1, dtype=torch.float64))
        slope.index_add_(0, group.index.flatten(), pushes.flatten())
    return -2 * lacking, 4 * slope.view(samples, classes + 1)[:, :classes]


def _short_of_one_(gaps: Tensor, k: float) -> Tensor:
    """(1 - tanh(k gap)) / 2, which keeps its digits where tanh is all but 1."""
    return gaps.mul_(-2 * k).sigmoid_()


def _teachers_tanh(batch: Measured, shifts: Shifts, teacher: Tensor, scratch: Scratch) -> Tensor:
    gaps = shifts.gaps(teacher, scratch("teacher", shifts.pairs))
    if batch.form is Form.TEACHER_SIGN:
        return gaps.sign_()
    return tanh_of_half_(gaps.mul_(2 * batch.k), scratch)


def _by_teacher(batch: Measured, order: Tensor, back: Tensor) -> Tensor:
    """What the teacher's tanh lacks of signs, by the sign of the student. [B]"""
    teacher = batch.teacher.gather(1, order)
    samples, classes = teacher.shape
    lacking = teacher.new_zeros(samples, dtype=torch.float64)
    scratch = Scratch(teacher, PAIRS_AT_ONCE)
    teacher_ended, rank_ended = ended(teacher, BEYOND), ended(back.to(teacher.dtype), 0.0)
    sign = batch.form is Form.TEACHER_SIGN
    distance = 0.0 if sign else NEAR_IN_VALUE / batch.k
    for group in groups(followers(teacher, distance), classes):
        t, ranks = group.windows(teacher_ended), group.windows(rank_ended)
        for shifts in group.shifts():
            gaps = shifts.gaps(t, scratch("below", shifts.pairs))
            below = gaps.le_(0).div_(2) if sign else _short_of_one_(gaps, batch.k)
            # Among the places beyond a row the gaps are 0, but so are the signs of these ranks.
            signs = shifts.gaps(ranks, scratch("teacher", shifts.pairs)).sign_()
            of_tiles = below.mul_(signs).sum(dim=(1, 2))
            lacking.index_add_(0, group.sample, of_tiles.double())
    return -2 * lacking
