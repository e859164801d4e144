"""Cross-entropy of one sample."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tests.support.slow_losses.numbers import log_softmax, softmax
from tests.support.slow_losses.slow_loss import Row, SlowLoss

Label = int | Sequence[float]  # a class, or the share of every class


def ce(s: Row, _t: Row, y: Label, *, label_smoothing: float) -> float:
    log_p = log_softmax(s, 1)
    wanted = shares(y, len(s), label_smoothing)
    return -math.fsum(share * log for share, log in zip(wanted, log_p, strict=True))


def ce_gradient(s: Row, _t: Row, y: Label, *, label_smoothing: float) -> list[float]:
    wanted = shares(y, len(s), label_smoothing)
    whole = math.fsum(wanted)
    return [whole * p - share for share, p in zip(wanted, softmax(s, 1), strict=True)]


def shares(y: Label, classes: int, label_smoothing: float) -> list[float]:
    given = [float(i == y) for i in range(classes)] if isinstance(y, int) else y
    return [(1 - label_smoothing) * share + label_smoothing / classes for share in given]


SLOW = SlowLoss(ce, ce_gradient)
