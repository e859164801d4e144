"""Looking again and again at something that takes its time."""

from __future__ import annotations

from collections.abc import Iterator

from stillhouse.client.errors import WaitTimedOut
from stillhouse.client.retry import Pace, polls_s


def looks(pace: Pace, what: str, timeout_s: float | None) -> Iterator[None]:
    """One turn for each look; raises when the time is over. The last look is at its very end."""
    began = pace.monotonic()
    for pause in polls_s():
        yield
        left = None if timeout_s is None else began + timeout_s - pace.monotonic()
        if left is not None and left <= 0:
            raise WaitTimedOut(f"{what} was not over after {timeout_s:g} s", hint="it goes on")
        pace.sleep(pause if left is None else min(pause, left))
