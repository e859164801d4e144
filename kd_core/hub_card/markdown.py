"""Text from strangers as Markdown that says only that, and tables of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kd_core.errors import printable

MARKS = frozenset("\\`*_[]{}<>#|&~!:@$^=\"'")
"""What means something to one renderer or another."""


def text(given: str) -> str:
    """On one line, without meaning: no link, no tag, no end of a cell."""
    return "".join(f"\\{char}" if char in MARKS else char for char in printable(given))


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Cells are Markdown. Numbers stand to the right; the first column is words."""
    under = ["---", *("---:" for _ in titles[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (titles, under, *rows))


def program(language: str, code: str) -> str:
    return f"```{language}\n{code.rstrip()}\n```"
