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
        samples = list(zip(student, teacher, labels, strict=True))

        def of_sample(i: int) -> Callable[[Row], float]:
            _, t, y = samples[i]
            return lambda moved: self.of_sample(moved, t, y, **params) / len(samples)

        return [_slopes(of_sample(i), s) for i, (s, _, _) in enumerate(samples)]


@dataclass(frozen=True)
class SlowBatchLoss:
    """The same of a loss that compares samples with each other: it takes the whole batch."""

    of_batch: Callable[..., float]
    gradient_of_batch: Callable[..., list[list[float]]]

    def value(self, student: Rows, teacher: Rows, labels: Sequence[int], **params: Any) -> float:
        return self.of_batch(student, teacher, labels, **params)

    def gradient(
        self, student: Rows, teacher: Rows, labels: Sequence[int], **params: Any
    ) -> list[list[float]]:
        return self.gradient_of_batch(student, teacher, labels, **params)

    def central_differences(
        self, student: Rows, teacher: Rows, labels: Sequence[int], **params: Any
    ) -> list[list[float]]:
        def with_row(i: int) -> Callable[[Row], float]:
            before, after = student[:i], student[i + 1 :]
            return lambda moved: self.of_batch([*before, moved, *after], teacher, labels, **params)

        return [_slopes(with_row(i), s) for i, s in enumerate(student)]


def _slopes(value: Callable[[Row], float], at: Row) -> list[float]:
    def slope(i: int) -> float:
        above = [x + STEP * (j == i) for j, x in enumerate(at)]
        below = [x - STEP * (j == i) for j, x in enumerate(at)]
        return (value(above) - value(below)) / (2 * STEP)

    return [slope(i) for i in range(len(at))]
