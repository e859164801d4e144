"""What answers are made of: every field is there and described, whatever its value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict

from kd_core.errors import Problem
from stillhouse.domain.text import storable

Item = TypeVar("Item")


class Answer(BaseModel):
    """No field has a default: a client may rely on each of them."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class ReportedProblem(Answer):
    """One thing that is wrong, where it is, and what to do about it."""

    pointer: str | None
    """JSON pointer to the place, where there is one."""
    code: str
    """Stable: what a program decides by."""
    message: str
    """What is wrong, for people."""
    hint: str
    """The way out; may be empty."""
    file: str | None
    """The file, or the member of an archive, that the problem is in."""

    @classmethod
    def of(cls, problem: Problem) -> Self:
        return cls.read(asdict(problem))

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """From a stored problem; what it quotes may be no text that JSON can hold."""
        told = storable(document)
        return cls(
            pointer=told.get("pointer"),
            code=told["code"],
            message=told["message"],
            hint=told.get("hint") or "",
            file=told.get("file"),
        )


class PageOf(Answer, Generic[Item]):
    """Newest first."""

    data: list[Item]
    """The items of this page."""
    next_cursor: str | None
    """For `cursor`: where the next page begins; null on the last one."""
    has_more: bool
    """Whether there is a next page."""


class TailOf(Answer, Generic[Item]):
    """Oldest first: a stretch of something that grows."""

    data: list[Item]
    """The entries after `after_seq`."""
    next_after_seq: int
    """For `after_seq`: what to ask with next."""
    has_more: bool
    """Whether there is already more."""
