"""Where weights and data come from, as a document names it."""

from __future__ import annotations

from pydantic_core import PydanticCustomError

FILE, JOB = "file:", "job:"


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


def check_weights(value: str) -> str:
    """Of a teacher: a service knows more of them than a run without one."""
    if value.startswith(JOB):
        raise PydanticCustomError(
            "not_a_source",
            "{value} names a job of a service, and this run has no service",
            {
                "value": repr(value),
                "hint": f"give the folder of a run's student: {FILE}OUT/artifacts/safetensors",
            },
        )
    return check_file(value)
