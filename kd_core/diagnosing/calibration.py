"""Whether a model is right as often as it believes to be: the bins that `ece` is the sum of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from kd_core.diagnosis import CalibrationBin
from kd_core.metrics import CALIBRATION_BINS, calibration_bin

if TYPE_CHECKING:
    from torch import Tensor

    from kd_core.diagnosing.answered import Answered


def calibration(answered: Answered, labels: Tensor) -> tuple[CalibrationBin, ...]:
    bins = calibration_bin(answered.confidence)

    def summed(values: Tensor) -> list[float]:
        sums = torch.zeros(CALIBRATION_BINS, dtype=torch.float64)
        found: list[float] = sums.index_add_(0, bins, values.double()).tolist()
        return found

    counts = torch.bincount(bins, minlength=CALIBRATION_BINS).tolist()
    right, confident = summed(answered.classes == labels), summed(answered.confidence)
    return tuple(
        CalibrationBin(count=count, confidence=sure / count, accuracy=hits / count)
        if count
        else CalibrationBin(count=0)
        for count, sure, hits in zip(counts, confident, right, strict=True)
    )
