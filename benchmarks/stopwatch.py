"""Where the time of a loop goes: watched from outside, so that the loop stays as it is."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from torch import nn

DATA, TEACHER, FORWARD, REST = "data", "teacher", "student forward", "loss, backward, update"
PARTS = (DATA, TEACHER, FORWARD, REST)


class Stopwatch:
    """Seconds of each part, summed over everything that was watched."""

    def __init__(self) -> None:
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._whole = 0.0
        self._epochs = 0

    def split(self, steps: int) -> list[float]:
        """Milliseconds of a step for each of PARTS; `steps` is how many an epoch has."""
        known = [self._seconds[part] for part in PARTS[:-1]]
        return [1e3 * at / (self._epochs * steps) for at in (*known, self._whole - sum(known))]

    def epoch(self, work: Callable[[], None]) -> Callable[[], None]:
        def watched() -> None:
            began = time.perf_counter()
            work()
            self._whole += time.perf_counter() - began
            self._epochs += 1

        return watched

    def call(self, part: str, work: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def watched(given: Any) -> Any:
            began = time.perf_counter()
            answer = work(given)
            self._seconds[part] += time.perf_counter() - began
            return answer

        return watched

    def forward(self, part: str, network: nn.Module) -> None:
        def begin(*_: object) -> None:
            self._seconds[part] -= time.perf_counter()

        def end(*_: object) -> None:
            self._seconds[part] += time.perf_counter()

        network.register_forward_pre_hook(begin)
        network.register_forward_hook(end)

    def each(self, part: str, items: Iterable[Any]) -> Iterable[Any]:
        return _Watched(items, part, self._seconds)


class _Watched:
    """May be gone through again and again, as a loader is."""

    def __init__(self, items: Iterable[Any], part: str, seconds: dict[str, float]) -> None:
        self._items, self._part, self._seconds = items, part, seconds

    def __iter__(self) -> Iterator[Any]:
        began = time.perf_counter()
        for item in self._items:
            self._seconds[self._part] += time.perf_counter() - began
            yield item
            began = time.perf_counter()
        self._seconds[self._part] += time.perf_counter() - began
