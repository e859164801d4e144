"""DKD of one sample."""

from __future__ import annotations

from typing import Any

from tests.support.slow_losses.groups import as_it_is, between, standard_scores, within
from tests.support.slow_losses.slow_loss import Row, SlowLoss


def dkd(s: Row, t: Row, y: int, **params: Any) -> float:
    return dkd_and_gradient(s, t, y, **params)[0]


def dkd_gradient(s: Row, t: Row, y: int, **params: Any) -> list[float]:
    return dkd_and_gradient(s, t, y, **params)[1]


def dkd_and_gradient(
    s: Row,
    t: Row,
    y: int,
    *,
    temperature: float,
    alpha: float,
    beta: float,
    strategy: str,
    kl_direction: str,
    standardize: bool,
) -> tuple[float, list[float]]:
    target = y if strategy == "target" else t.index(max(t))
    rest = [i for i in range(len(s)) if i != target]
    mine, back = standard_scores(s, 1) if standardize else as_it_is(s)
    theirs, _ = standard_scores(t, 1) if standardize else as_it_is(t)
    z, w = ([logit / temperature for logit in logits] for logits in (mine, theirs))

    target_part, target_slopes = between(z, w, [[target], rest])
    rest_part, rest_slopes = within(z, w, rest, kl_direction)
    value = temperature**2 * (alpha * target_part + beta * rest_part)
    slopes = [alpha * a + beta * b for a, b in zip(target_slopes, rest_slopes, strict=True)]
    return value, back([temperature * slope for slope in slopes])


SLOW = SlowLoss(dkd, dkd_gradient)
