"""What is asked of every algorithm, what it must know to choose, and what it answers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import torch
from torch import Tensor


class Form(StrEnum):
    """What a pair of classes adds to tau, d standing for the gap between the two."""

    TANH = "tanh"  # tanh(k ds) tanh(k dt)
    TEACHER_SIGN = "teacher_sign"  # tanh(k ds) sign(dt)
    PRODUCT = "product"  # tanh(k ds dt)


class RankCorrelation(NamedTuple):
    tau: Tensor  # [B], float64, in -1..1
    slope: Tensor  # [B, C], of each sample's tau in the student's logits


@dataclass(frozen=True)
class Measured:
    """A batch, and how far apart its logits lie: that decides which algorithm is the fastest."""

    student: Tensor  # [B, C]
    teacher: Tensor  # [B, C], of the same type
    k: float
    form: Form
    student_range: float  # the largest logit less the smallest, of the sample where it is largest
    teacher_range: float

    @property
    def is_finite(self) -> bool:
        return math.isfinite(self.student_range) and math.isfinite(self.teacher_range)


def measured(student: Tensor, teacher: Tensor, k: float, form: Form) -> Measured:
    """On a GPU this waits for the device, once: the choice is made on the host."""
    ranges = [logits.amax(dim=1) - logits.amin(dim=1) for logits in (student, teacher)]
    widest = torch.stack([of.amax() for of in ranges]).tolist()
    return Measured(student, teacher, k, form, *widest)


def normalised(agreements: Tensor, slopes: Tensor, k: float) -> RankCorrelation:
    """From sums over ordered pairs, where every pair is met twice, to tau and its slope."""
    classes = slopes.shape[1]
    pairs = classes * (classes - 1)
    return RankCorrelation(agreements / pairs, slopes.mul_(2 * k / pairs))
