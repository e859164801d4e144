"""DIST of a batch."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tests.support.slow_losses.numbers import softmax
from tests.support.slow_losses.slow_loss import Row, Rows, SlowBatchLoss

EPSILON = 1e-8
ROUNDING = 2e-15  # a few units in the last place of what is compared


def dist(
    student: Rows,
    teacher: Rows,
    _labels: Sequence[int],
    *,
    temperature: float,
    beta: float,
    gamma: float,
) -> float:
    p, q = ([softmax(row, temperature) for row in logits] for logits in (student, teacher))
    inter = 1 - mean([correlation(a, b) for a, b in zip(p, q, strict=True)])
    intra = 1 - mean([correlation(a, b) for a, b in zip(columns(p), columns(q), strict=True)])
    return temperature**2 * (beta * inter + gamma * intra)


def dist_gradient(
    student: Rows,
    teacher: Rows,
    _labels: Sequence[int],
    *,
    temperature: float,
    beta: float,
    gamma: float,
) -> list[list[float]]:
    p, q = ([softmax(row, temperature) for row in logits] for logits in (student, teacher))
    samples, classes = len(p), len(p[0])
    inter = [correlation_gradient(a, b) for a, b in zip(p, q, strict=True)]
    intra = columns(
        [correlation_gradient(a, b) for a, b in zip(columns(p), columns(q), strict=True)]
    )
    gradient = []
    for row, of_row, of_columns in zip(p, inter, intra, strict=True):
        slopes = [
            -temperature * (beta * across / samples + gamma * along / classes)
            for across, along in zip(of_row, of_columns, strict=True)
        ]
        gradient.append(through_softmax(slopes, row))
    return gradient


def correlation(a: Row, b: Row) -> float:
    a, b = centred(a), centred(b)
    return dot(a, b) / (norm(a) * norm(b) + EPSILON)


def correlation_gradient(a: Row, b: Row) -> list[float]:
    """In the entries of a."""
    a, b = centred(a), centred(b)
    if norm(a) == 0:  # it moves neither the product nor, from its least value, the norm
        return [entry / EPSILON for entry in b]
    denominator = norm(a) * norm(b) + EPSILON
    turned = dot(a, b) * norm(b) / norm(a) / denominator**2
    return [y / denominator - turned * x for x, y in zip(a, b, strict=True)]


def through_softmax(slopes: Row, p: Row) -> list[float]:
    """From slopes in probabilities to slopes in what the softmax was taken of."""
    return [
        at * math.fsum(other * (slope - beside) for other, beside in zip(p, slopes, strict=True))
        for at, slope in zip(p, slopes, strict=True)
    ]


def centred(values: Row) -> list[float]:
    """Values that are equal but for rounding become exactly 0: 1/epsilon would enlarge the rest."""
    if max(values) - min(values) <= ROUNDING * max(values):
        return [0.0] * len(values)
    middle = mean(values)
    return [value - middle for value in values]


def mean(values: Row) -> float:
    return math.fsum(values) / len(values)


def dot(a: Row, b: Row) -> float:
    return math.fsum(x * y for x, y in zip(a, b, strict=True))


def norm(values: Row) -> float:
    return math.sqrt(dot(values, values))


def columns(rows: Rows) -> list[list[float]]:
    return [list(column) for column in zip(*rows, strict=True)]


SLOW = SlowBatchLoss(dist, dist_gradient)
