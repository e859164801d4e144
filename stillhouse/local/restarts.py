"""How often a process that dies is started again: pure arithmetic."""

from __future__ import annotations

from collections import deque

LIMIT = 5
WINDOW_S = 60.0
PAUSES_S = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Before the first restart in a window, the second, and so on."""


class Restarts:
    """The restarts of one child in the last minute."""

    def __init__(self) -> None:
        self._at: deque[float] = deque()

    def next_at(self, now: float) -> float | None:
        """When to start again a child that died now; None when it has died too often."""
        while self._at and self._at[0] <= now - WINDOW_S:
            self._at.popleft()
        if len(self._at) >= LIMIT:
            return None
        at = now + PAUSES_S[len(self._at)]
        self._at.append(now)
        return at

    @property
    def count(self) -> int:
        return len(self._at)
