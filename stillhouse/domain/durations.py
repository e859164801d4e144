"""Lengths of time as people type them: 90s, 15m, 12h, 30d."""

from __future__ import annotations

import re
from datetime import timedelta

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_WRITTEN = re.compile(r"([0-9]{1,5})([smhd])")


def read_duration(text: str) -> timedelta:
    """A `ValueError` that says how to write one, for any other text."""
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a length of time such as 90s, 15m, 12h or 30d")
    return timedelta(**{UNITS[match[2]]: int(match[1])})
