"""PLD of one sample."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from tests.support.slow_losses.numbers import log_sum_exp, softmax
from tests.support.slow_losses.slow_loss import Row, SlowLoss


def pld(s: Row, t: Row, y: int, *, temperature: float, weights: str, ties: str = "lower") -> float:
    order = ranking(t, y, ties)
    alphas = rank_weights(t, order, temperature, weights)
    total = 0.0
    for k in range(len(order)):
        not_yet_ranked = [s[order[later]] for later in range(k, len(order))]
        total += alphas[k] * (log_sum_exp(not_yet_ranked) - s[order[k]])
    return total


def pld_gradient(s: Row, t: Row, y: int, *, temperature: float, weights: str) -> list[float]:
    order = ranking(t, y, "lower")
    alphas = rank_weights(t, order, temperature, weights)
    gradient = [0.0] * len(s)
    for k in range(len(order)):
        not_yet_ranked = order[k:]
        normaliser = log_sum_exp([s[i] for i in not_yet_ranked])
        for i in not_yet_ranked:
            gradient[i] += alphas[k] * math.exp(s[i] - normaliser)
        gradient[order[k]] -= alphas[k]
    return gradient


def ranking(t: Row, y: int, ties: str) -> list[int]:
    """The label, then the others by descending teacher logit; a tie goes to the lower index."""
    sign = {"lower": 1, "higher": -1}[ties]
    return [y, *sorted((i for i in range(len(t)) if i != y), key=lambda i: (-t[i], sign * i))]


def rank_weights(t: Row, order: Sequence[int], temperature: float, weights: str) -> list[float]:
    classes = len(order)
    if weights == "teacher":
        q = softmax(t, temperature)
        return [q[i] for i in order]
    of_rank: Mapping[str, Callable[[int], float]] = {
        "uniform": lambda _: 1 / classes,
        "onehot": lambda rank: float(rank == 1),
        "plistmle": lambda rank: 2.0 ** (classes - rank) - 1,
    }
    return [of_rank[weights](rank) for rank in range(1, classes + 1)]


SLOW = SlowLoss(pld, pld_gradient)
