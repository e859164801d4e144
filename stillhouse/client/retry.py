"""When a request is asked again, and how long to wait before: pure arithmetic."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

RETRIED = frozenset({429, 502, 503, 504})
TRIES = 7
FIRST_TRIES = 3
"""Of a connection to a service that has not answered yet: it may well not be running."""
FIRST_S = 0.25
LONGEST_S = 8.0
LONGEST_ASKED_S = 60.0
"""A service may ask for patience; not for more of it than this."""

POLL_FIRST_S = 0.5
POLL_LONGEST_S = 5.0
POLL_GROWTH = 1.4


@dataclass(frozen=True)
class Pace:
    """Time and chance, as arguments."""

    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random
    """A number from 0 to 1."""
    unique: Callable[[], str] = lambda: secrets.token_hex(16)
    """A word that nobody has said before."""


def delay_s(failures: int, chance: float, asked: str | None = None) -> float:
    """The pause after the nth failure in a row: doubled each time, half of it random.

    `asked` is the answer's Retry-After; only its form in seconds is understood.
    """
    if asked is not None and asked.strip().isascii() and asked.strip().isdigit():
        return min(float(asked), LONGEST_ASKED_S)
    return min(FIRST_S * 2.0 ** (failures - 1), LONGEST_S) * (0.5 + chance / 2)


def polls_s() -> Iterator[float]:
    """Pauses between looks at something that takes its time."""
    pause = POLL_FIRST_S
    while True:
        yield pause
        pause = min(pause * POLL_GROWTH, POLL_LONGEST_S)
