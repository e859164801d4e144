"""Bars that move on a terminal, with lines that stay above them."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Self, TextIO

DRAWN_EVERY_S = 0.1
LENGTH = 30
DONE, LEFT = "━", "╌"


@dataclass
class Bar:
    name: str
    began: float
    done: float = 0
    total: float | None = None
    note: str = ""

    def line(self, now: float) -> str:
        share = min(1.0, self.done / self.total) if self.total else 0.0
        filled = round(share * LENGTH)
        drawn = DONE * filled + LEFT * (LENGTH - filled)
        # The time before the note: a narrow terminal cuts off what is at the end.
        return f"{self.name:<16} {drawn} {share:>4.0%}  {self._left(share, now):<12}  {self.note}"

    def _left(self, share: float, now: float) -> str:
        if not 0 < share < 1:
            return ""
        seconds = round((now - self.began) * (1 - share) / share)
        return f"{timedelta(seconds=seconds)} left"


class Bars:
    """Drawn over and over at the same place; what is not a terminal gets none of them."""

    def __init__(
        self, file: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._file = file or sys.stdout
        self._clock = clock
        self._bars: dict[str, Bar] = {}
        self._drawn, self._drawn_at = 0, float("-inf")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._draw()

    def update(
        self,
        name: str,
        done: float | None = None,
        total: float | None = None,
        note: str | None = None,
    ) -> None:
        """What is not given stays."""
        bar = self._bars.setdefault(name, Bar(name, self._clock()))
        bar.done = bar.done if done is None else done
        bar.total = bar.total if total is None else total
        bar.note = bar.note if note is None else note
        if self._clock() - self._drawn_at >= DRAWN_EVERY_S:
            self._draw()

    def finish_others(self, name: str) -> None:
        """The last step of what is over may have gone by between two looks."""
        for bar in self._bars.values():
            if bar.name != name:
                bar.total = bar.total or 1
                bar.done = bar.total

    def say(self, line: str) -> None:
        if self._file.isatty():
            self._file.write(f"{self._erase()}{line}\n")
            self._draw()
        else:
            self._file.write(f"{line}\n")

    def _draw(self) -> None:
        if not self._file.isatty():
            return
        now, width = self._clock(), shutil.get_terminal_size().columns - 1
        lines = [bar.line(now)[:width].rstrip() for bar in self._bars.values()]
        erased = self._erase()
        self._file.write(erased + "".join(f"{line}\n" for line in lines))
        self._file.flush()
        self._drawn, self._drawn_at = len(lines), now

    def _erase(self) -> str:
        """Back to the first bar, and nothing below it."""
        drawn, self._drawn = self._drawn, 0
        return f"\x1b[{drawn}F\x1b[J" if drawn else ""
