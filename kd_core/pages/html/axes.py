"""The frame of a plot: from numbers to places, and the ticks that say which is which."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kd_core.pages.html.markup import Markup, element

WIDTH, HEIGHT = 380, 280
LEFT, RIGHT, TOP, BOTTOM = 52, 20, 30, 42
TICKS = 5
SLACK = 1e-9
"""0.3 / 0.1 is a hair less than 3 in binary."""


@dataclass(frozen=True)
class Scale:
    """From `low` to `high`, which are different, to `start` to `end`."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def __call__(self, value: float) -> float:
        low, high, at = (
            math.log10(v) if self.logarithmic else v for v in (self.low, self.high, value)
        )
        return self.start + (at - low) / (high - low) * (self.end - self.start)

    @property
    def ticks(self) -> list[float]:
        make = decades if self.logarithmic else round_steps
        return make(self.low, self.high)


def across(low: float, high: float, *, logarithmic: bool = False) -> Scale:
    return Scale(low, high, LEFT, WIDTH - RIGHT, logarithmic)


def upwards(low: float, high: float) -> Scale:
    return Scale(low, high, HEIGHT - BOTTOM, TOP)


def round_steps(low: float, high: float) -> list[float]:
    """The numbers between the two that end in few digits."""
    finest = 10.0 ** math.floor(math.log10((high - low) / TICKS))
    for step in (finest * factor for factor in (1, 2, 5, 10)):
        first, last = math.ceil(low / step - SLACK), math.floor(high / step + SLACK)
        if last - first < TICKS + 1:
            break
    return [number * step for number in range(first, last + 1)]


def decades(low: float, high: float) -> list[float]:
    """1, 2 and 5 of each power of ten between the two; fewer where they are many."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for digits in ((1, 2, 5), (1, 3), (1,)):
        found = [digit * 10.0**power for power in range(first, last + 1) for digit in digits]
        inside = [value for value in found if low <= value <= high]
        if len(inside) <= TICKS + 1:
            return inside
    return inside[:: math.ceil(len(inside) / TICKS)]


def frame(x: Scale, y: Scale, titles: tuple[str, str], written: Sequence[list[str]]) -> Markup:
    """Axes with a line for each tick; `written` are the ticks as text, across and upwards."""
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    lines = [f"M{x(at):.1f} {TOP}V{bottom}" for at in x.ticks]
    lines += [f"M{LEFT} {y(at):.1f}H{right}" for at in y.ticks]
    below = (
        element("text", said, x=f"{x(at):.1f}", y=bottom + 15, text_anchor="middle")
        for at, said in zip(x.ticks, written[0], strict=True)
    )
    beside = (
        element("text", said, x=LEFT - 6, y=f"{y(at) + 4:.1f}", text_anchor="end")
        for at, said in zip(y.ticks, written[1], strict=True)
    )
    return element(
        "g",
        element("path", d="".join(lines), class_="grid"),
        below,
        beside,
        element("text", titles[0], x=(LEFT + right) / 2, y=HEIGHT - 6, text_anchor="middle"),
        element("text", titles[1], x=4, y=14),
        class_="frame",
    )


def plot(said: str, *content: Markup) -> Markup:
    """`said` is what somebody hears who does not see it."""
    return element("svg", *content, viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=said)


def numbers(values: Sequence[float]) -> list[str]:
    return [f"{value:g}" for value in values]


def percents(values: Sequence[float], digits: int = 0) -> list[str]:
    return [f"{value:.{digits}%}" for value in values]
