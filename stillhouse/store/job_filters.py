"""Which jobs a list is of, and by what it is sorted. Labels and models are found by `job_marks`,
and states one by one, each of which is a range of an index.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, TypedDict, Unpack

from sqlalchemy import ColumnElement
from sqlalchemy.orm.attributes import InstrumentedAttribute

from stillhouse.domain.job import State
from stillhouse.store.tables import JobRow

SORTED_BY: Mapping[str, InstrumentedAttribute[Any]] = {
    "created_at": JobRow.created_at,
    "name": JobRow.name,
    "priority": JobRow.priority_rank,
}


class Wanted(TypedDict, total=False):
    states: Collection[State]
    project: str | None
    labels: Mapping[str, str | None]
    """None: whatever its value is."""
    name: str | None
    """A part of it, in small letters or capitals."""
    parent_id: str | None
    teacher: str | None
    """An architecture, a registered model, or another job's student."""
    student: str | None
    """An architecture."""
    verdict: str | None
    created_after: datetime | None
    created_before: datetime | None
    in_trash: bool
    """Those that were deleted, in place of all others."""


def conditions(**wanted: Unpack[Wanted]) -> Iterator[ColumnElement[bool]]:
    deleted = JobRow.deleted_at
    yield deleted.is_not(None) if wanted.get("in_trash") else deleted.is_(None)
    for column, value in (
        (JobRow.project, wanted.get("project")),
        (JobRow.parent_id, wanted.get("parent_id")),
        (JobRow.verdict, wanted.get("verdict")),
    ):
        if value is not None:
            yield column == value
    if (name := wanted.get("name")) is not None:
        yield JobRow.name.icontains(name, autoescape=True)
    if (after := wanted.get("created_after")) is not None:
        yield JobRow.created_at > after
    if (before := wanted.get("created_before")) is not None:
        yield JobRow.created_at < before
