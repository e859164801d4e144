"""GDKD of one sample."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from tests.support.slow_losses.groups import (
    as_it_is,
    between,
    log_masses,
    standard_scores,
    within,
)
from tests.support.slow_losses.slow_loss import Row, SlowLoss


def gdkd(s: Row, t: Row, _y: int, **params: Any) -> float:
    return gdkd_and_gradient(s, t, **params)[0]


def gdkd_gradient(s: Row, t: Row, _y: int, **params: Any) -> list[float]:
    return gdkd_and_gradient(s, t, **params)[1]


def gdkd_and_gradient(s: Row, t: Row, **params: Any) -> tuple[float, list[float]]:
    temperature, standardize = params["temperature"], params["standardize"]
    whole = partial(standard_scores, freedom=1) if standardize == "global" else as_it_is
    (mine, back), (theirs, _) = whole(s), whole(t)
    z, w = ([logit / temperature for logit in logits] for logits in (mine, theirs))

    groups = classes_in_groups(t, w, params)
    parts = [(params["w0"], between(z, w, groups))]
    for place, name in ((-2, "top"), (-1, "rest")):
        rule = None
        if standardize == "both" or (standardize == "other" and name == "rest"):
            rule = partial(scores_of_quotients, temperature=temperature)
        part = within(z, w, groups[place], params["kl_direction"], rule)
        parts.append((weight(name, groups[place], w, params), part))

    value = temperature**2 * math.fsum(weight * part for weight, (part, _) in parts)
    slopes = [
        temperature * math.fsum(weight * slopes[i] for weight, (_, slopes) in parts)
        for i in range(len(s))
    ]
    return value, back(slopes)


def classes_in_groups(t: Row, w: Row, params: dict[str, Any]) -> list[list[int]]:
    order = sorted(range(len(t)), key=lambda i: (-t[i], i))
    k = params["k"]
    if k == "auto":
        k = classes_that_stand_out(w, params["ratio_th"], params["topk_th"])
    if params["strategy"] == "worst":
        order.reverse()
    if params["groups"] == "three":
        return [order[:1], order[1:k], order[max(k, 1) :]]
    return [order[:k], order[k:]]


def classes_that_stand_out(w: Row, ratio: float, most: int) -> int:
    total = 0.0
    for j, logit in enumerate(sorted(w), start=1):
        share = math.exp(logit - max(w))
        total += share
        if total > 0 and share * j >= ratio * total:
            return min(len(w) - j + 1, most)
    return 1


def weight(name: str, group: list[int], w: Row, params: dict[str, Any]) -> float:
    number = {"top": 1, "rest": 2}[name]
    if params["mass_weighting"] in {"top": ("v1", "v3"), "rest": ("v1", "v2")}[name]:
        mass = math.exp(log_masses(w, [group])[0]) if group else 0.0
        return params[f"m{number}"] * mass
    return params[f"w{number}"]


def scores_of_quotients(logits: Row, temperature: float) -> Any:
    """The standard scores of the logits themselves, divided by the temperature after that."""
    scores, back = standard_scores([logit * temperature for logit in logits], freedom=0)
    return [score / temperature for score in scores], back


SLOW = SlowLoss(gdkd, gdkd_gradient)
