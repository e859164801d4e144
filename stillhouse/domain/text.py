"""Text and numbers that every database, log and browser can hold."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from kd_core.place import json_pointer
from stillhouse.domain.declared import Declared

MAX_VALUES = 100_000
MAX_DEPTH = 64
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def check_plain(text: str) -> str:
    """One line of text: no control characters, nothing that is not a character at all."""
    for place, character in enumerate(text):
        if unicodedata.category(character) in {"Cc", "Cs"}:
            raise PydanticCustomError(
                "unprintable",
                "has the unprintable character {character} at place {place}",
                {"character": f"U+{ord(character):04X}", "place": place, "hint": "remove it"},
            )
    return text


PRINTABLE = r"[^\u0000-\u001f\u007f-\u009f]*"
"""As a pattern, in the words that JSON Schema shares with Python."""
PlainText = Annotated[str, AfterValidator(check_plain), Declared(pattern=f"^{PRINTABLE}$")]


def is_storable(text: str) -> bool:
    """PostgreSQL holds no NUL, and half of a surrogate pair has no UTF-8."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def unstorable_places(document: Any) -> Iterator[str]:
    """Pointers to the keys and values of a document that no database can hold."""
    waiting: list[tuple[tuple[int | str, ...], Any]] = [((), document)]
    for _ in range(MAX_VALUES):
        if not waiting:
            return
        path, value = waiting.pop()
        if len(path) > MAX_DEPTH:
            break
        if isinstance(value, str) and not is_storable(value):
            yield json_pointer(path)
        elif isinstance(value, Mapping):
            if not all(is_storable(str(key)) for key in value):
                yield json_pointer(path)
            waiting.extend(((*path, str(key)), inner) for key, inner in value.items())
        elif isinstance(value, list | tuple):
            waiting.extend(((*path, place), inner) for place, inner in enumerate(value))
    # Larger or deeper than any specification is: nobody may keep the walk going.
    yield ""


def storable(value: Any) -> Any:
    """The value as every database can hold it: odd characters replaced, NaN and infinity null."""
    if isinstance(value, str):
        return value if is_storable(value) else "".join(map(_storable_character, value))
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {storable(str(key)): storable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [storable(inner) for inner in value]
    return value


def _storable_character(character: str) -> str:
    return character if is_storable(character) else REPLACEMENT
