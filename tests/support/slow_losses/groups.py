"""KD of one sample taken apart by groups of classes, value and gradient."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from tests.support.slow_losses.numbers import kl, log_sum_exp
from tests.support.slow_losses.slow_loss import Row

Group = Sequence[int]
Rule = Callable[[Row], tuple[list[float], Callable[[Row], list[float]]]]
"""What is made of the logits of one group: the logits, and the way of a gradient back."""


def log_masses(logits: Row, groups: Sequence[Group]) -> list[float]:
    """Of the groups that have a class."""
    everything = log_sum_exp(logits)
    # Of the sums of all groups but one when that one is nearly everything, to be exact.
    found = []
    for group in groups:
        mine = log_sum_exp([logits[i] for i in group])
        others = [logits[i] for i in range(len(logits)) if i not in group]
        if others and log_sum_exp(others) < mine:
            found.append(-math.log1p(math.exp(log_sum_exp(others) - mine)))
        else:
            found.append(mine - everything)
    return found


def between(s: Row, t: Row, groups: Sequence[Group]) -> tuple[float, list[float]]:
    """KL of the masses, and its gradient in s."""
    groups = [group for group in groups if group]
    log_p, log_q = log_masses(s, groups), log_masses(t, groups)
    gradient = [0.0] * len(s)
    for group, p, q in zip(groups, log_p, log_q, strict=True):
        inside = log_shares([s[i] for i in group])
        for i, share in zip(group, inside, strict=True):
            gradient[i] = math.exp(share) * (math.exp(p) - math.exp(q))
    return kl(log_q, log_p), gradient


def within(
    s: Row, t: Row, group: Group, direction: str, rule: Rule | None = None
) -> tuple[float, list[float]]:
    """The divergence within one group, and its gradient in s."""
    gradient = [0.0] * len(s)
    if not group:
        return 0.0, gradient
    apply = rule or as_it_is
    mine, back = apply([s[i] for i in group])
    theirs, _ = apply([t[i] for i in group])
    log_p, log_q = log_shares(mine), log_shares(theirs)
    forward, reverse = kl(log_q, log_p), kl(log_p, log_q)
    of = {"forward": forward, "reverse": reverse, "symmetric": (forward + reverse) / 2}
    ratios = [p - q for p, q in zip(log_p, log_q, strict=True)]
    slopes = []
    for p, q, ratio in zip(log_p, log_q, ratios, strict=True):
        down = math.exp(p) - math.exp(q)
        # p_i (log p_i/q_i - reverse), as a sum over pairs: the two are large and nearly equal.
        gaps = (math.exp(at) * (ratio - other) for at, other in zip(log_p, ratios, strict=True))
        up = math.exp(p) * math.fsum(gaps)
        slopes.append({"forward": down, "reverse": up, "symmetric": (down + up) / 2}[direction])
    for i, slope in zip(group, back(slopes), strict=True):
        gradient[i] = slope
    return of[direction], gradient


def log_shares(logits: Row) -> list[float]:
    total = log_sum_exp(logits)
    return [logit - total for logit in logits]


def as_it_is(logits: Row) -> tuple[list[float], Callable[[Row], list[float]]]:
    return list(logits), list


def standard_scores(logits: Row, freedom: int) -> tuple[list[float], Callable[[Row], list[float]]]:
    """(x - mean) / (std + 1e-7), std over the number of logits less `freedom`."""
    n = len(logits)
    level = [logit - max(logits) for logit in logits]  # all alike are then exactly 0
    mean = math.fsum(level) / n
    gaps = [logit - mean for logit in level]
    deviation = math.sqrt(math.fsum(gap**2 for gap in gaps) / (n - freedom)) if n > freedom else 0.0
    floor = deviation + 1e-7
    scores = [gap / floor for gap in gaps]

    def back(slopes: Row) -> list[float]:
        average = math.fsum(slopes) / n
        along = math.fsum(slope * score for slope, score in zip(slopes, scores, strict=True))
        per_gap = along / ((n - freedom) * deviation) if deviation else 0.0
        return [
            (slope - average - per_gap * gap) / floor
            for slope, gap in zip(slopes, gaps, strict=True)
        ]

    return scores, back
