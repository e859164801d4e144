"""Softmax and divergence over lists of floats."""

from __future__ import annotations

import math

from tests.support.slow_losses.slow_loss import Row


def log_sum_exp(values: Row) -> float:
    top = max(values)
    return top + math.log(math.fsum(math.exp(value - top) for value in values))


def log_softmax(logits: Row, temperature: float) -> list[float]:
    divided = [logit / temperature for logit in logits]
    normaliser = log_sum_exp(divided)
    return [value - normaliser for value in divided]


def softmax(logits: Row, temperature: float) -> list[float]:
    return [math.exp(value) for value in log_softmax(logits, temperature)]


def kl(log_q: Row, log_p: Row) -> float:
    return math.fsum(math.exp(q) * (q - p) for q, p in zip(log_q, log_p, strict=True))
