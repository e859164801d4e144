"""Tables of text: columns side by side, folded where a terminal is narrower than they are."""

from __future__ import annotations

import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence

import click

BETWEEN = "  "
NARROWEST = 8


def print_grid(
    titles: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Iterable[int] = (),
    styles: Sequence[str] = (),
) -> None:
    """Folded to a terminal's width; whole lines for whatever else reads it. `right`: columns of
    numbers. `styles`: bold or dim, for each row.
    """
    narrow = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    head, *body = grid([titles, *rows], frozenset(right), narrow)
    for line in head:
        click.secho(line, bold=True)
    for number, lines in enumerate(body):
        style = styles[number] if styles else ""
        for line in lines:
            click.secho(line, bold=style == "bold", dim=style == "dim")


def grid(
    rows: Sequence[Sequence[str]], right: frozenset[int], width: int | None
) -> list[list[str]]:
    """The lines of each row."""
    count = max(map(len, rows))
    full = [[*row, *[""] * (count - len(row))] for row in rows]
    widths = [max(map(_widest, column)) for column in zip(*full, strict=True)]
    if width is not None:
        _narrow(widths, width - len(BETWEEN) * (count - 1))
    return [_lines(row, widths, right) for row in full]


def _narrow(widths: list[int], room: int) -> None:
    """What is widest gives way first, and nothing becomes too narrow to read."""
    while sum(widths) > room and max(widths) > NARROWEST:
        widths[widths.index(max(widths))] -= 1


def _lines(row: Sequence[str], widths: Sequence[int], right: frozenset[int]) -> list[str]:
    folded = [_folded(cell, width) for cell, width in zip(row, widths, strict=True)]
    height = max(1, *map(len, folded))
    found = []
    for number in range(height):
        cells = [lines[number] if number < len(lines) else "" for lines in folded]
        padded = [
            _padded(cell, width, place in right)
            for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        found.append(BETWEEN.join(padded).rstrip())
    return found


def _folded(cell: str, width: int) -> list[str]:
    return [
        piece
        for line in cell.split("\n")
        for piece in (
            [line]
            if _width(line) <= width
            else textwrap.wrap(line, width, break_on_hyphens=False, replace_whitespace=False)
        )
    ]


def _padded(text: str, width: int, right: bool) -> str:  # noqa: FBT001 - one of two sides
    space = " " * (width - _width(text))
    return space + text if right else text + space


def _widest(cell: str) -> int:
    return max(map(_width, cell.split("\n")))


def _width(text: str) -> int:
    """In columns of a terminal: signs of East Asia take two, accents none."""
    wide = sum(unicodedata.east_asian_width(sign) in {"W", "F"} for sign in text)
    return len(text) + wide - sum(map(bool, map(unicodedata.combining, text)))
