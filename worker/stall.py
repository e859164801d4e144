"""A trainer that makes no step any more: known by what it does not say."""

from __future__ import annotations

import time
from collections.abc import Callable

# In these a trainer tells of its progress once a second, as long as it makes any.
STEPPING = frozenset({"training_teacher", "training_baseline", "training", "caching_teacher"})


class Watchdog:
    def __init__(self, patience_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience_s = patience_s
        self._clock = clock
        self._heard = 0
        self._since = clock()

    def barks(self, phase: str | None, events_heard: int) -> bool:
        """Whether nothing was heard for too long. Reading or packing may take its time."""
        now = self._clock()
        if events_heard != self._heard or phase not in STEPPING:
            self._heard, self._since = events_heard, now
        return now - self._since > self._patience_s
