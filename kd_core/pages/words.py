"""How numbers are written on the pages of a report; what was not measured is an empty text."""

from __future__ import annotations

WHOLE = 100
"""From here on two decimals say nothing more."""


def percent(value: float | None) -> str:
    return "" if value is None else f"{value:.2%}"


def points(value: float | None) -> str:
    """A difference of two fractions, in points of percent."""
    return "" if value is None else f"{value * 100:+.2f}"


def amount(value: float | None) -> str:
    """Three digits that count, however small or large."""
    if value is None:
        return ""
    if abs(value) >= WHOLE:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) >= 1 else f"{value:#.3g}"


def count(value: int | None) -> str:
    return "" if value is None else f"{value:,d}"


def counted(number: int, noun: str) -> str:
    return f"{number:,d} {noun if number == 1 else noun + 's'}"
