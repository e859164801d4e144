"""JSON as people read it: indented, with a row of numbers on one line."""

from __future__ import annotations

import json
from typing import Any

INDENT = "  "


def json_text(document: Any) -> str:
    """What is not a number in JSON (nan, inf) is a ValueError."""
    return _text(document, "") + "\n"


def _text(value: Any, margin: str) -> str:
    inner = margin + INDENT
    if isinstance(value, dict) and value:
        items = [f"{json.dumps(key)}: {_text(item, inner)}" for key, item in value.items()]
        return _lines("{", items, "}", margin)
    if isinstance(value, list) and not all(isinstance(item, int | float) for item in value):
        return _lines("[", [_text(item, inner) for item in value], "]", margin)
    return json.dumps(value, allow_nan=False)


def _lines(opening: str, items: list[str], closing: str, margin: str) -> str:
    inside = ",\n".join(f"{margin}{INDENT}{item}" for item in items)
    return f"{opening}\n{inside}\n{margin}{closing}"
