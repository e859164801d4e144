"""A decision: told as an event, and written down for every resume."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from kd_core.events import Chosen

if TYPE_CHECKING:
    from kd_core.attempt import Attempt
    from kd_core.models.teacher import Teacher

WORTH_IT = 1.15  # times faster: less is within the noise, and float32 is the reference
Value = TypeVar("Value", bound=str)


def key(teacher: Teacher, what: str) -> str:
    """What run.json calls a choice about one of the teachers: teacher_int8, teachers.0.int8."""
    return f"teacher_{what}" if teacher.name == "teacher" else f"{teacher.name}.{what}"


def choose(attempt: Attempt, name: str, value: Value, why: str) -> Value:
    attempt.folder.choose({name: value})
    attempt.emit(Chosen(name=name, value=value, why=why))
    return value
