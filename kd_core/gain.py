"""What the teacher brought: the distilled student against the same student on labels alone."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from kd_core.report import Gain

# Student's t, 97.5 %, for 1 to 15 degrees of freedom.
T975 = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306),
    *(2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131),
)
Z975 = 1.960


def gain(students: Sequence[Tensor], baselines: Sequence[Tensor], labels: Tensor) -> Gain:
    """Of top-1, with its 95 % interval. Logits [N, C] of each seed, in the same order of seeds.

    Several seeds: a paired t interval over them, which covers luck in training. One seed: a paired
    interval over the samples, which covers luck in the validation split only.
    """
    differences = [
        (_right(student, labels) - _right(baseline, labels))
        for student, baseline in zip(students, baselines, strict=True)
    ]
    if len(differences) > 1:
        return _over_seeds([float(at.mean()) for at in differences])
    (only,) = differences
    spread = float(only.std()) / math.sqrt(len(only)) if len(only) > 1 else 1.0
    return _interval(float(only.mean()), Z975 * spread, "samples")


def over_seeds(students: Sequence[float], baselines: Sequence[float]) -> Gain:
    """The same of top-1 that was measured already, of two seeds or more in one order."""
    pairs = zip(students, baselines, strict=True)
    return _over_seeds([student - baseline for student, baseline in pairs])


def _over_seeds(differences: Sequence[float]) -> Gain:
    spread = statistics.stdev(differences) / math.sqrt(len(differences))
    return _interval(statistics.fmean(differences), T975[len(differences) - 2] * spread, "seeds")


def _right(logits: Tensor, labels: Tensor) -> Tensor:
    return (logits.argmax(dim=1) == labels).to(torch.float64)


def _interval(middle: float, half: float, over: Literal["seeds", "samples"]) -> Gain:
    return Gain(top1=middle, low=middle - half, high=middle + half, over=over)
