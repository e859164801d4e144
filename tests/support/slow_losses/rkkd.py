"""RKKD of one sample."""

from __future__ import annotations

import math

from tests.support.slow_losses.slow_loss import Row, SlowLoss


def rkkd(s: Row, t: Row, _y: int, *, k: float, form: str) -> float:
    classes = len(s)
    tau = math.fsum(
        pair(s[i] - s[j], t[i] - t[j], k, form) for i in range(classes) for j in range(i)
    )
    return 1 - 2 * tau / (classes * (classes - 1))


def rkkd_gradient(s: Row, t: Row, _y: int, *, k: float, form: str) -> list[float]:
    classes = len(s)
    slopes = [
        math.fsum(slope(s[i] - s[j], t[i] - t[j], k, form) for j in range(classes) if j != i)
        for i in range(classes)
    ]
    return [-2 * at / (classes * (classes - 1)) for at in slopes]


def pair(ds: float, dt: float, k: float, form: str) -> float:
    if form == "product":
        return math.tanh(k * ds * dt)
    return math.tanh(k * ds) * teachers_say(dt, k, form)


def slope(ds: float, dt: float, k: float, form: str) -> float:
    """Of the pair, in ds."""
    if form == "product":
        return k * dt * sech_squared(k * ds * dt)
    return k * sech_squared(k * ds) * teachers_say(dt, k, form)


def teachers_say(dt: float, k: float, form: str) -> float:
    if form == "teacher_sign":
        return float((dt > 0) - (dt < 0))
    return math.tanh(k * dt)


def sech_squared(x: float) -> float:
    """1 / cosh^2, which overflows long after it has become 0."""
    return 1 / math.cosh(x) ** 2 if abs(x) < 300 else 0.0


SLOW = SlowLoss(rkkd, rkkd_gradient)
