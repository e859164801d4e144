"""KD of one sample."""

from __future__ import annotations

import math

from tests.support.slow_losses.numbers import kl, log_softmax
from tests.support.slow_losses.slow_loss import Row, SlowLoss


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


SLOW = SlowLoss(kd, kd_gradient)
