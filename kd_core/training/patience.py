"""When training has stopped getting better: a function of what it was worth, epoch by epoch."""

from __future__ import annotations

from collections.abc import Iterable

from kd_core.spec.recipe import EarlyStopping


def has_settled(history: Iterable[float], settings: EarlyStopping | None) -> bool:
    """Whether the last `patience` epochs were none of them better than the best before."""
    if settings is None:
        return False
    best, waited = float("-inf"), 0
    for value in history:
        waited += 1
        if value > best + settings.min_delta:
            best, waited = value, 0
    return waited >= settings.patience
