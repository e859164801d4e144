"""CTKD of one sample: KD at the temperature that theta stands for."""

from __future__ import annotations

import math
from typing import Any

from tests.support.slow_losses.kd import kd, kd_gradient
from tests.support.slow_losses.slow_loss import Row, SlowLoss

PLAIN: dict[str, Any] = {"direction": "forward", "t2": True, "standardize": False}


def temperature_of(*, theta: float, minimum: float, span: float, **_rest: Any) -> float:
    return minimum + span / (1 + math.exp(-theta))


def ctkd(s: Row, t: Row, y: int, **params: Any) -> float:
    return kd(s, t, y, temperature=temperature_of(**params), **PLAIN)


def ctkd_gradient(s: Row, t: Row, y: int, **params: Any) -> list[float]:
    return kd_gradient(s, t, y, temperature=temperature_of(**params), **PLAIN)


SLOW = SlowLoss(ctkd, ctkd_gradient)
