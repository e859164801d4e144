"""NKD of one sample."""

from __future__ import annotations

import math

from tests.support.slow_losses.numbers import log_softmax, softmax
from tests.support.slow_losses.slow_loss import Row, SlowLoss


def nkd(s: Row, t: Row, y: int, *, temperature: float, gamma: float) -> float:
    target_part = -softmax(t, 1)[y] * log_softmax(s, 1)[y]
    log_p, q = log_softmax(without(s, y), temperature), softmax(without(t, y), temperature)
    rest_part = -math.fsum(a * b for a, b in zip(q, log_p, strict=True))
    return target_part + gamma * temperature**2 * rest_part


def nkd_gradient(s: Row, t: Row, y: int, *, temperature: float, gamma: float) -> list[float]:
    p, q_y = softmax(s, 1), softmax(t, 1)[y]
    gradient = [q_y * (at - (i == y)) for i, at in enumerate(p)]
    p_rest = softmax(without(s, y), temperature)
    q_rest = softmax(without(t, y), temperature)
    others = [i for i in range(len(s)) if i != y]
    for i, a, b in zip(others, p_rest, q_rest, strict=True):
        gradient[i] += gamma * temperature * (a - b)
    return gradient


def without(logits: Row, y: int) -> list[float]:
    return [logit for i, logit in enumerate(logits) if i != y]


SLOW = SlowLoss(nkd, nkd_gradient)
