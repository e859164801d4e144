"""A confusion matrix as a map: a row for each true class, a column for each answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kd_core.diagnosis import Matrix
from kd_core.errors import printable
from kd_core.pages.html.markup import Markup, element

LEVELS = 8
WRITTEN_CLASSES = 12
"""Up to here a number fits into its cell."""
CELL, SMALL_CELL, SIDE = 34, 12, 400
LONGEST_LABEL = 14
CHARACTER = 6.2
"""Width of one, in the units of the drawing."""


@dataclass(frozen=True)
class Shade:
    """How dark a cell is, of LEVELS, and in which colour."""

    level: int
    tone: str


def share_of_row(value: int, row_total: int) -> int:
    """The level of a count among the samples of its class. It grows with the root, so that few
    confusions are told from fewer beside the many right answers.
    """
    if not value or not row_total:
        return 0
    return max(1, min(LEVELS, round(math.sqrt(abs(value) / row_total) * LEVELS)))


def heat_map(
    matrix: Matrix,
    names: Sequence[str],
    said: str,
    shade: Callable[[int, int], Shade],
    written: Callable[[int], str],
) -> Markup:
    """`shade` of a row and a column; `written`: the number of a cell as text."""
    count = len(matrix)
    cell = CELL if count <= WRITTEN_CLASSES else max(SMALL_CELL, SIDE // count)
    labels = [_short(name) for name in names]
    margin = max(map(len, labels)) * CHARACTER + 8
    side = margin + count * cell
    size = {
        "width": f"{side:.0f}",
        "height": f"{side:.0f}",
        "viewBox": f"0 0 {side:.0f} {side:.0f}",
    }
    drawing = element(
        "svg",
        element("g", _labels(labels, margin, cell), class_="frame"),
        _cells(count, margin, cell, shade),
        _numbers(matrix, margin, cell, shade, written) if count <= WRITTEN_CLASSES else (),
        role="img",
        aria_label=said,
        class_="map",
        **size,
    )
    return element("div", drawing, class_="wide", tabindex="0", role="region", aria_label=said)


def _short(name: str) -> str:
    shown = printable(name)
    return shown if len(shown) <= LONGEST_LABEL else f"{shown[: LONGEST_LABEL - 1]}…"


def _labels(labels: Sequence[str], margin: float, cell: int) -> Iterator[Markup]:
    for place, label in enumerate(labels):
        middle = margin + (place + 0.5) * cell
        yield element(
            "text", label, x=f"{margin - 5:.1f}", y=f"{middle + 4:.1f}", text_anchor="end"
        )
        yield element(
            "text", label, transform=f"translate({middle + 4:.1f} {margin - 5:.1f}) rotate(-90)"
        )


def _cells(
    count: int, margin: float, cell: int, shade: Callable[[int, int], Shade]
) -> Iterator[Markup]:
    """One path for each shade: thousands of rectangles would make the page heavy."""
    places: dict[Shade, list[str]] = {}
    square = f"h{cell - 1}v{cell - 1}h-{cell - 1}z"
    for row in range(count):
        for column in range(count):
            x, y = margin + column * cell, margin + row * cell
            places.setdefault(shade(row, column), []).append(f"M{x:.0f} {y:.0f}{square}")
    for found, drawn in places.items():
        opacity = f"{found.level / LEVELS:.3g}" if found.level else None
        tone = found.tone if found.level else "none"
        yield element("path", d="".join(drawn), class_=f"cell {tone}", fill_opacity=opacity)


def _numbers(
    matrix: Matrix,
    margin: float,
    cell: int,
    shade: Callable[[int, int], Shade],
    written: Callable[[int], str],
) -> Iterator[Markup]:
    for row, values in enumerate(matrix):
        for column, value in enumerate(values):
            if value:
                dark = shade(row, column).level > LEVELS // 2
                yield element(
                    "text",
                    written(value),
                    x=f"{margin + (column + 0.5) * cell:.1f}",
                    y=f"{margin + (row + 0.5) * cell + 4:.1f}",
                    text_anchor="middle",
                    class_="on-dark" if dark else "on-light",
                )
