"""KD of one sample."""

from __future__ import annotations

import math

from tests.support.slow_losses.numbers import kl, log_softmax
from tests.support.slow_losses.slow_loss import Row, SlowLoss


def kd(
    s: Row, t: Row, _y: int, *, temperature: float, direction: str, t2: bool, standardize: bool
) -> float:
    if standardize:
        s, t = standard(s), standard(t)
    log_p, log_q = log_softmax(s, temperature), log_softmax(t, temperature)
    log_m = middle(log_p, log_q)
    of = {
        "forward": kl(log_q, log_p),
        "reverse": kl(log_p, log_q),
        "symmetric": (kl(log_q, log_p) + kl(log_p, log_q)) / 2,
        "js": (kl(log_q, log_m) + kl(log_p, log_m)) / 2,
    }
    return of[direction] * (temperature**2 if t2 else 1)


def kd_gradient(
    s: Row, t: Row, _y: int, *, temperature: float, direction: str, t2: bool, standardize: bool
) -> list[float]:
    own, others = (standard(s), standard(t)) if standardize else (s, t)
    log_p, log_q = log_softmax(own, temperature), log_softmax(others, temperature)
    log_m = middle(log_p, log_q)
    kl_to_q, kl_to_m = kl(log_p, log_q), kl(log_p, log_m)
    gradient = []
    for p, q, m in zip(log_p, log_q, log_m, strict=True):
        forward = math.exp(p) - math.exp(q)
        reverse = math.exp(p) * (p - q - kl_to_q)
        of = {
            "forward": forward,
            "reverse": reverse,
            "symmetric": (forward + reverse) / 2,
            "js": math.exp(p) * (p - m - kl_to_m) / 2,
        }
        gradient.append(of[direction] * (temperature if t2 else 1 / temperature))
    return led_back(gradient, s) if standardize else gradient


def middle(log_p: Row, log_q: Row) -> list[float]:
    """Log of (p + q) / 2, which is a half of the larger at least."""
    return [
        max(p, q) + math.log1p(math.exp(-abs(p - q))) - math.log(2)
        for p, q in zip(log_p, log_q, strict=True)
    ]


def standard(logits: Row) -> list[float]:
    mean, deviation = moments(logits)
    return [(logit - mean) / (deviation + 1e-7) for logit in logits]


def led_back(gradient: Row, logits: Row) -> list[float]:
    """The gradient by the logits, of one by the standardized logits. A level row has no slope of
    its deviation, and is taken to be where it is least.
    """
    mean, deviation = moments(logits)
    level = math.fsum(gradient) / len(logits)
    along = math.fsum(g * (x - mean) for g, x in zip(gradient, logits, strict=True))
    shrinking = along / (deviation + 1e-7) / (len(logits) - 1) / deviation if deviation else 0.0
    return [
        (g - level - shrinking * (x - mean)) / (deviation + 1e-7)
        for g, x in zip(gradient, logits, strict=True)
    ]


def moments(logits: Row) -> tuple[float, float]:
    """The mean, and the standard deviation with C - 1."""
    mean = logits[0] + math.fsum(logit - logits[0] for logit in logits) / len(logits)
    squares = math.fsum((logit - mean) ** 2 for logit in logits)
    return mean, math.sqrt(squares / (len(logits) - 1))


SLOW = SlowLoss(kd, kd_gradient)
