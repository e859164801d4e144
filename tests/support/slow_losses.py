"""The losses straight from their definitions: loops over floats, slow and plain to read.

Nothing here is shared with kd_core, so that an agreement of the two means something. Every
function takes one sample: a row of student logits, a row of teacher logits, a label.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
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


def log_sum_exp(values: Row) -> float:
    top = max(values)
    return top + math.log(math.fsum(math.exp(value - top) for value in values))


def log_softmax(logits: Row, temperature: float) -> list[float]:
    divided = [logit / temperature for logit in logits]
    normaliser = log_sum_exp(divided)
    return [value - normaliser for value in divided]


def softmax(logits: Row, temperature: float) -> list[float]:
    return [math.exp(value) for value in log_softmax(logits, temperature)]


def kl(log_q: Row, log_p: Row) -> float:
    return math.fsum(math.exp(q) * (q - p) for q, p in zip(log_q, log_p, strict=True))


def ce(s: Row, _t: Row, y: int) -> float:
    return -log_softmax(s, 1)[y]


def ce_gradient(s: Row, _t: Row, y: int) -> list[float]:
    return [p - (i == y) for i, p in enumerate(softmax(s, 1))]


def kd(s: Row, t: Row, _y: int, *, temperature: float, direction: str) -> float:
    log_p, log_q = log_softmax(s, temperature), log_softmax(t, temperature)
    forward, reverse = kl(log_q, log_p), kl(log_p, log_q)
    of = {"forward": forward, "reverse": reverse, "symmetric": (forward + reverse) / 2}
    return temperature**2 * of[direction]


def kd_gradient(s: Row, t: Row, _y: int, *, temperature: float, direction: str) -> list[float]:
    log_p, log_q = log_softmax(s, temperature), log_softmax(t, temperature)
    reverse_kl = kl(log_p, log_q)
    gradient = []
    for p, q in zip(log_p, log_q, strict=True):
        forward = math.exp(p) - math.exp(q)
        reverse = math.exp(p) * (p - q - reverse_kl)
        of = {"forward": forward, "reverse": reverse, "symmetric": (forward + reverse) / 2}
        gradient.append(temperature * of[direction])
    return gradient


def dkd(s: Row, t: Row, y: int, *, temperature: float, alpha: float, beta: float) -> float:
    student_masses, student_rest = target_and_rest(s, y, temperature)
    teacher_masses, teacher_rest = target_and_rest(t, y, temperature)
    target_part = kl(teacher_masses, student_masses)
    rest_part = kl(teacher_rest, student_rest)
    return temperature**2 * (alpha * target_part + beta * rest_part)


def dkd_gradient(
    s: Row, t: Row, y: int, *, temperature: float, alpha: float, beta: float
) -> list[float]:
    student_masses, student_rest = target_and_rest(s, y, temperature)
    teacher_masses, teacher_rest = target_and_rest(t, y, temperature)
    target_gap, rest_gap = (
        math.exp(b_s) - math.exp(b_t)
        for b_s, b_t in zip(student_masses, teacher_masses, strict=True)
    )
    gradient = []
    for p, q in zip(student_rest, teacher_rest, strict=True):
        within = math.exp(p) - math.exp(q)
        gradient.append(temperature * (alpha * math.exp(p) * rest_gap + beta * within))
    gradient.insert(y, temperature * alpha * target_gap)
    return gradient


def target_and_rest(logits: Row, y: int, temperature: float) -> tuple[list[float], list[float]]:
    """Log masses of the label and of all others, and the log distribution among the others."""
    rest = [logit / temperature for i, logit in enumerate(logits) if i != y]
    target, others = logits[y] / temperature, log_sum_exp(rest)
    everything = log_sum_exp([target, others])
    return [target - everything, others - everything], [logit - others for logit in rest]


def pld(s: Row, t: Row, y: int, *, temperature: float, weights: str, ties: str = "lower") -> float:
    order = ranking(t, y, ties)
    alphas = rank_weights(t, order, temperature, weights)
    total = 0.0
    for k in range(len(order)):
        not_yet_ranked = [s[order[later]] for later in range(k, len(order))]
        total += alphas[k] * (log_sum_exp(not_yet_ranked) - s[order[k]])
    return total


def pld_gradient(s: Row, t: Row, y: int, *, temperature: float, weights: str) -> list[float]:
    order = ranking(t, y, "lower")
    alphas = rank_weights(t, order, temperature, weights)
    gradient = [0.0] * len(s)
    for k in range(len(order)):
        not_yet_ranked = order[k:]
        normaliser = log_sum_exp([s[i] for i in not_yet_ranked])
        for i in not_yet_ranked:
            gradient[i] += alphas[k] * math.exp(s[i] - normaliser)
        gradient[order[k]] -= alphas[k]
    return gradient


def ranking(t: Row, y: int, ties: str) -> list[int]:
    """The label, then the others by descending teacher logit; a tie goes to the lower index."""
    sign = {"lower": 1, "higher": -1}[ties]
    return [y, *sorted((i for i in range(len(t)) if i != y), key=lambda i: (-t[i], sign * i))]


def rank_weights(t: Row, order: Sequence[int], temperature: float, weights: str) -> list[float]:
    classes = len(order)
    if weights == "teacher":
        q = softmax(t, temperature)
        return [q[i] for i in order]
    of_rank: Mapping[str, Callable[[int], float]] = {
        "uniform": lambda _: 1 / classes,
        "onehot": lambda rank: float(rank == 1),
        "plistmle": lambda rank: 2.0 ** (classes - rank) - 1,
    }
    return [of_rank[weights](rank) for rank in range(1, classes + 1)]


SLOW: Mapping[str, SlowLoss] = {
    "ce": SlowLoss(ce, ce_gradient),
    "kd": SlowLoss(kd, kd_gradient),
    "dkd": SlowLoss(dkd, dkd_gradient),
    "pld": SlowLoss(pld, pld_gradient),
}
