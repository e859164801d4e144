"""DKD of one sample."""

from __future__ import annotations

import math

from tests.support.slow_losses.numbers import kl, log_sum_exp
from tests.support.slow_losses.slow_loss import Row, SlowLoss


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


SLOW = SlowLoss(dkd, dkd_gradient)
