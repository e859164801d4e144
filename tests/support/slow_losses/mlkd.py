"""MLKD of a batch."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tests.support.slow_losses.numbers import kl, log_softmax, softmax
from tests.support.slow_losses.slow_loss import Row, Rows, SlowBatchLoss

TIE = 1e-12  # relative: sums that are equal but for their order


def mlkd(
    student: Rows,
    teacher: Rows,
    _labels: Sequence[int],
    *,
    temperatures: Sequence[float],
    enable_mask: bool,
    confidence_percentage: float,
) -> float:
    samples, classes = shares(teacher, confidence_percentage) if enable_mask else (1.0, 1.0)
    total = 0.0
    for temperature in temperatures:
        divergences = [
            kl(log_softmax(t, temperature), log_softmax(s, temperature))
            for s, t in zip(student, teacher, strict=True)
        ]
        p, q = probabilities(student, temperature), probabilities(teacher, temperature)
        total += samples * temperature**2 * math.fsum(divergences) / len(p)
        total += samples * square(gap(products(p), products(q))) / len(p)
        total += classes * square(gap(products(columns(p)), products(columns(q)))) / len(p[0])
    return total


def mlkd_gradient(
    student: Rows,
    teacher: Rows,
    _labels: Sequence[int],
    *,
    temperatures: Sequence[float],
    enable_mask: bool,
    confidence_percentage: float,
) -> list[list[float]]:
    samples, classes = shares(teacher, confidence_percentage) if enable_mask else (1.0, 1.0)
    gradient = [[0.0] * len(row) for row in student]
    for temperature in temperatures:
        p, q = probabilities(student, temperature), probabilities(teacher, temperature)
        between_samples = gap(products(p), products(q))
        between_classes = gap(products(columns(p)), products(columns(q)))
        for b, row in enumerate(p):
            slopes = [
                4 * samples * dot(between_samples[b], column) / len(p)
                + 4 * classes * dot(between_classes[c], row) / len(row)
                for c, column in enumerate(columns(p))
            ]
            middle = dot(slopes, row)
            for c, at in enumerate(row):
                gradient[b][c] += samples * temperature * (at - q[b][c]) / len(p)
                gradient[b][c] += at * (slopes[c] - middle) / temperature
    return gradient


def shares(teacher: Rows, quantile: float) -> tuple[float, float]:
    """Of the samples and of the classes that the teacher is least sure of."""
    q = probabilities(teacher, 1)
    sure_of_samples, sure_of_classes = [max(row) for row in q], [math.fsum(at) for at in columns(q)]
    return share(sure_of_samples, quantile), share(sure_of_classes, quantile)


def share(values: Row, quantile: float) -> float:
    """Of the values that are no greater than their quantile, interpolated between its neighbours.

    What lies between two neighbours is below the upper one, be it by less than a float can tell.
    """
    below = sorted(values)[math.floor(quantile * (len(values) - 1))]
    return sum(value <= below * (1 + TIE) for value in values) / len(values)


def probabilities(logits: Rows, temperature: float) -> list[list[float]]:
    return [softmax(row, temperature) for row in logits]


def products(rows: Rows) -> list[list[float]]:
    return [[dot(a, b) for b in rows] for a in rows]


def gap(one: Rows, other: Rows) -> list[list[float]]:
    return [[x - y for x, y in zip(a, b, strict=True)] for a, b in zip(one, other, strict=True)]


def square(rows: Rows) -> float:
    return math.fsum(dot(row, row) for row in rows)


def dot(a: Row, b: Row) -> float:
    return math.fsum(x * y for x, y in zip(a, b, strict=True))


def columns(rows: Rows) -> list[list[float]]:
    return [list(column) for column in zip(*rows, strict=True)]


SLOW = SlowBatchLoss(mlkd, mlkd_gradient)
