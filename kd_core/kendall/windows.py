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
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from kd_core.kendall.concordance import concordance
from kd_core.kendall.measure import Form, Measured, RankCorrelation, normalised
from kd_core.kendall.order import ascending
from kd_core.kendall.sides import BEYOND, ExactTanh, FastTanh, Scaled, Teachers, TeachersSign, Ties
from kd_core.kendall.sigmoids import Scratch
from kd_core.kendall.tiles import PAIRS_AT_ONCE, TILE, ended, followers, groups, reach

NEAR = 5.75  # k x gap, for a first look: the slope has fallen to 4e-5
FARTHEST = 40.0  # the slope has fallen out of float32
NEAR_IN_VALUE = 4.5  # the same for the value, where tanh lacks 2.5e-4 of 1, of few pairs
FURTHER = 0.75  # where they are not few
RINGS = (0.0, 0.5, 1.5)  # beyond a distance: what may be missed is counted in each
LOOKED_AT = 32  # one class in so many, and every one where they are few
PROMISED = 9e-5  # of the norm of the slope, which is 1e-4 with what rounding adds
PROMISED_OF_STUDENT, PROMISED_OF_TEACHER = 3e-6, 7e-6  # of a value: 1e-5 together


Within = Sequence[tuple[float, Tensor]]
"""Distances, as k x gap, and how many classes follow each class within them. The first is how far
was looked, the others are more and more of what is beyond it.
"""


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

    The first look is the fastest one. It stands when what it may have missed, as far as counted
    classes show, is below the promised errors. Where nearly nothing is near, as at a very large k,
    the little there is must come from further away; where the teacher is nearly flat, from exact
    tanhs.
    """
    student, teacher = (x.gather(1, order) for x in (batch.student, batch.teacher))
    look = Look(NEAR, exact=batch.k * batch.teacher_range < 1)
    while True:
        lacking, slope = _of_neighbours(batch, student, teacher, look)
        if _stands(batch, student, look, slope):
            return lacking, slope
        if look.exact and look.distance >= min(FARTHEST, batch.k * batch.student_range):
            return lacking, slope
        look = Look(2 * look.distance, exact=True)


@dataclass(frozen=True)
class Look:
    """How far the neighbours are looked for, as k x gap, and whether their tanh is exact."""

    distance: float
    exact: bool


def _stands(batch: Measured, student: Tensor, look: Look, slope: Tensor) -> bool:
    """Classes are pushed by those that follow and by those that come before."""
    classes = student.shape[1]
    after, before = (
        _within(rows, look.distance, batch.k) for rows in (student, student.neg().flip(1))
    )
    teachers = _largest_tanh(batch)
    of_slope = teachers * sum(_missed_of_slope(within, classes) for within in (after, before))
    if batch.form is Form.TANH and not look.exact:
        nearest = sum(_size(within[0][1]) for within in (after, before))
        of_slope += nearest * torch.finfo(student.dtype).eps
    of_value = teachers * _missed_of_value(after, classes)
    return of_slope <= PROMISED * _size(slope) and of_value <= PROMISED_OF_STUDENT


def _largest_tanh(batch: Measured) -> float:
    """What the student lacks of a sign counts at most so many times."""
    return 1.0 if batch.form is Form.TEACHER_SIGN else min(1.0, batch.k * batch.teacher_range)


def _far_enough(batch: Measured, teacher: Tensor) -> float:
    """As k x gap, the distance beyond which what the teacher's tanh lacks moves no value."""
    distance, classes = NEAR_IN_VALUE, teacher.shape[1]
    while _missed_of_value(_within(teacher, distance, batch.k), classes) > PROMISED_OF_TEACHER:
        distance += FURTHER
    return distance


def _missed_of_slope(within: Within, classes: int) -> float:
    """The error of an entry of the slope, in root mean square: 1 - tanh^2 of every class beyond
    the first distance is at most 4 exp(-2 x its own distance).
    """
    missed = 4 * classes * math.exp(-2 * within[-1][0])
    for (edge, inner), (_, outer) in pairwise(within):
        missed += 4 * _size(outer - inner) * math.exp(-2 * edge)
    return missed


def _missed_of_value(within: Within, classes: int) -> float:
    """The error of the value whose sample lacks the most there."""
    missed = 2 * math.exp(-2 * within[-1][0])
    for (edge, inner), (_, outer) in pairwise(within):
        share = (outer - inner).double().mean(dim=1).amax() / max(1, (classes - 1) / 2)
        missed += 2 * float(share) * math.exp(-2 * edge)
    return missed


def _within(rows: Tensor, distance: float, k: float) -> Within:
    """Up to twice the distance, counted of some classes."""
    every = max(1, min(LOOKED_AT, rows.numel() // LOOKED_AT))
    edges = [*(distance + ring for ring in RINGS), 2 * distance]
    return list(zip(edges, reach(rows, [edge / k for edge in edges], every), strict=True))


def _size(entries: Tensor) -> float:
    return float(torch.linalg.vector_norm(entries.float())) / math.sqrt(entries.numel())


def _of_neighbours(
    batch: Measured, student: Tensor, teacher: Tensor, look: Look
) -> tuple[Tensor, Tensor]:
    samples, classes = student.shape
    lacking = student.new_zeros(samples, dtype=torch.float64)
    slope = student.new_zeros(samples * (classes + 1))
    scratch = Scratch.kept(student, PAIRS_AT_ONCE)
    scaled = Scaled.of(student, batch.k, batch.student_range)
    teachers = _teachers(batch, teacher, look)
    for group in groups(followers(student, look.distance / batch.k), classes):
        students, t = scaled.among(group), group.windows(teachers.rows)
        below, agreement = scratch("below", *group.shape), scratch("teacher", *group.shape)
        pairs, columns = group.slanted(scratch)
        pushes, lacks = torch.zeros_like(t), torch.zeros_like(t[:TILE])
        for start in group.starts:
            students.at(start, out=below)
            lack = teachers.lack_(group.gaps(t, start, agreement), below, scratch)
            lacks += lack.sum(dim=0)
            # 1 - tanh^2 is 4 below (1 - below).
            torch.addcmul(lack, lack, below, value=-1, out=pairs)
            pushes[group.followed(start)] += columns.sum(dim=0)
            pushes[:TILE] -= pairs.sum(dim=0)
        lacking.index_add_(0, group.sample, lacks.sum(dim=0, dtype=torch.float64))
        slope.index_add_(0, group.index.flatten(), pushes.flatten())
    return -2 * lacking, 4 * slope.view(samples, classes + 1)[:, :classes]


def _teachers(batch: Measured, teacher: Tensor, look: Look) -> Teachers:
    if batch.form is Form.TEACHER_SIGN:
        return TeachersSign(ended(teacher, 0.0))
    if look.exact:
        return ExactTanh(ended(teacher, 0.0), batch.k)
    return FastTanh(Scaled.of(teacher, batch.k, batch.teacher_range, end=0.0))


def _by_teacher(batch: Measured, order: Tensor, back: Tensor) -> Tensor:
    """What the teacher's tanh lacks of signs, by the sign of the student. [B]"""
    teacher = batch.teacher.gather(1, order)
    samples, classes = teacher.shape
    lacking = teacher.new_zeros(samples, dtype=torch.float64)
    scratch = Scratch.kept(teacher, PAIRS_AT_ONCE)
    sign = batch.form is Form.TEACHER_SIGN
    scaled = (
        Ties(ended(teacher, BEYOND)) if sign else Scaled.of(teacher, batch.k, batch.teacher_range)
    )
    ranks = ended(back.to(teacher.dtype), 0.0)
    distance = 0.0 if sign else _far_enough(batch, teacher) / batch.k
    for group in groups(followers(teacher, distance), classes):
        teachers, r = scaled.among(group), group.windows(ranks)
        below, signs = scratch("below", *group.shape), scratch("teacher", *group.shape)
        lacks = torch.zeros_like(r[:TILE])
        for start in group.starts:
            teachers.at(start, out=below)
            # Ranks are whole. Beyond a row the gaps are 0, but so are the signs of these ranks.
            group.gaps(r, start, signs).clamp_(-1, 1)
            lacks += below.mul_(signs).sum(dim=0)
        lacking.index_add_(0, group.sample, lacks.sum(dim=0, dtype=torch.float64))
    return -2 * lacking
