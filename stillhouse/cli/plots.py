"""Curves as text, for terminals with Unicode and for those without."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

Point = tuple[float, float]
"""Step and value; a value that is no finite number leaves a gap."""

BRAILLE = 0x2800
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Of a braille character, from top to bottom, left and right."""


@dataclass(frozen=True)
class Style:
    across: int
    """Dots in a character."""
    down: int
    tick: str
    side: str
    corner: str
    floor: str


FINE = Style(across=2, down=4, tick="┤", side="│", corner="└", floor="─")
PLAIN = Style(across=1, down=1, tick="+", side="|", corner="+", floor="-")


def style_for(encoding: str | None) -> Style:
    """What a stream of this encoding can show."""
    try:
        f"{FINE.tick}{FINE.side}{chr(BRAILLE)}".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return PLAIN
    return FINE


def plot(points: Sequence[Point], width: int, height: int, style: Style = FINE) -> list[str]:
    """One curve in so many characters, with its ends on both axes beside it."""
    shown = [(step, value) for step, value in points if math.isfinite(value)]
    if not shown:
        return []
    lowest, highest = min(value for _, value in shown), max(value for _, value in shown)
    first, last = min(step for step, _ in shown), max(step for step, _ in shown)
    names = [f"{highest:.4g}", f"{lowest:.4g}"]
    margin = max(map(len, names))
    rows = _rows(points, (first, last), (lowest, highest), (width, height), style)
    lines = []
    for place, row in enumerate(rows):
        name = {0: names[0], height - 1: names[1]}.get(place, "")
        lines.append(f"{name:>{margin}} {style.tick if name else style.side}{row}".rstrip())
    ends = f"{first:g}", f"{last:g}"
    lines.append(f"{'':>{margin}} {style.corner}{style.floor * width}")
    lines.append(f"{'':>{margin}}  {ends[0]}{ends[1]:>{max(1, width - len(ends[0]))}}")
    return lines


def _rows(
    points: Sequence[Point],
    steps: tuple[float, float],
    values: tuple[float, float],
    size: tuple[int, int],
    style: Style,
) -> list[str]:
    width, height = size
    across, down = width * style.across, height * style.down
    cells = [[0] * width for _ in range(height)]

    def at(point: Point) -> tuple[int, int]:
        x = _share(point[0], steps) * (across - 1)
        y = (1 - _share(point[1], values)) * (down - 1)
        return round(x), round(y)

    for x, y in _dots(points, at):
        cells[y // style.down][x // style.across] |= DOTS[y % style.down][x % style.across]
    return ["".join(_character(cell, style) for cell in row) for row in cells]


def _dots(
    points: Sequence[Point], at: Callable[[Point], tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Of the lines from each point to the next one; where one is no number, there is no line."""
    before: tuple[int, int] | None = None
    for point in points:
        if not math.isfinite(point[1]):
            before = None
            continue
        here = at(point)
        yield from _line(before or here, here)
        before = here


def _line(start: tuple[int, int], end: tuple[int, int]) -> Iterator[tuple[int, int]]:
    parts = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
    for part in range(parts + 1):
        yield (
            round(start[0] + (end[0] - start[0]) * part / parts),
            round(start[1] + (end[1] - start[1]) * part / parts),
        )


def _share(value: float, ends: tuple[float, float]) -> float:
    """Where it is between the two, 0 to 1; in the middle where they are the same."""
    low, high = (end / 2 for end in ends)  # from one end of what a float can be to the other
    return 0.5 if high <= low else (value / 2 - low) / (high - low)


def _character(dots: int, style: Style) -> str:
    if style is PLAIN:
        return "*" if dots else " "
    return chr(BRAILLE + dots) if dots else " "
