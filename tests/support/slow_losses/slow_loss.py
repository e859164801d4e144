"""What a slow loss is: a value and a gradient, each from the definition."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Row = Sequence[float]
Rows = Sequence[Row]

STEP = 1e-5  # of the central differences: its square and rounding / step are both below 1e-9


@dataclass(frozen=True)
class SlowLoss:
    """The loss of one sample and its gradient in closed form; a batch is the mean of samples."""

    of_sample: Callable[..., float]
    gradient_of_sample: Callable[..., list[float]]

    def value(self, student: Rows, teacher: Rows, labels: Sequence[int], **params: Any) -> float:
        samples = list(zip(student, teacher, labels, strict=True))
        return math.fsum(self.of_sample(*sample, **params) for sample in samples) / len(samples)

    def gradient(
        self, student: Rows, teacher: Rows, labels: Sequence[int], **params: Any
    ) -> list[list[float]]:
        samples = list(zip(student, teacher, labels, strict=True))
        return [
            [entry / len(samples) for entry in self.gradient_of_sample(*sample, **params)]
            for sample in samples
        ]

    def central_differences(
        self, student: Rows, teacher: Rows, labels: Sequence[int], **params: Any
    ) -> list[list[float]]:
        """The gradient from values alone: it does not trust the closed form either."""

        def slope(s: Row, t: Row, y: int, i: int) -> float:
            above = [x + STEP * (j == i) for j, x in enumerate(s)]
            below = [x - STEP * (j == i) for j, x in enumerate(s)]
            return (
                self.of_sample(above, t, y, **params) - self.of_sample(below, t, y, **params)
            ) / (2 * STEP)

        return [
            [slope(s, t, y, i) / len(labels) for i in range(len(s))]
            for s, t, y in zip(student, teacher, labels, strict=True)
        ]
