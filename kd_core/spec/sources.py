"""Where weights and data come from, as a document names it."""

from __future__ import annotations

from pydantic_core import PydanticCustomError

FILE = "file:"


def check_file(value: str) -> str:
    if not value.startswith(FILE):
        raise PydanticCustomError(
            "not_a_source",
            "{value} is not a source that this version reads",
            {"value": repr(value), "hint": f"name a local file as {FILE}path/to/it"},
        )
    if value.removeprefix(FILE).strip() in ("", "."):
        raise PydanticCustomError(
            "not_a_source", "the path after 'file:' is empty", {"hint": f"{FILE}path/to/it"}
        )
    return value
