"""What can be asked of the list of jobs: filters, its order, and which page of it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
)
from pydantic_core import PydanticCustomError

from kd_core.problems import one_of
from kd_core.report import Verdict
from stillhouse.domain.declared import Declared
from stillhouse.domain.errors import Invalid
from stillhouse.domain.job import State
from stillhouse.domain.job_spec import LABEL_KEY
from stillhouse.domain.pages import CURSOR, MAX_LIMIT, Cursor, Order
from stillhouse.domain.text import PRINTABLE, PlainText
from stillhouse.store.job_filters import Wanted

Sort = Literal["created_at", "-created_at", "name", "-name", "priority", "-priority"]
KEY = re.compile(LABEL_KEY)
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]")


def _label(text: str) -> str:
    key = text.partition("=")[0]
    if KEY.fullmatch(key) is None:
        message = "must be KEY=VALUE, or KEY alone"
        raise PydanticCustomError("not_a_label", "{message}", {"message": message})
    return text


def _one_value_each(labels: list[str]) -> list[str]:
    """A job has one value of a key: who asks for two means something else."""
    values: dict[str, str] = {}
    for key, _, value in (text.partition("=") for text in labels if "=" in text):
        if values.setdefault(key, value) != value:
            message = f"asks for two values of {key}, and a job has one: ask for each by itself"
            raise PydanticCustomError("two_values", "{message}", {"message": message})
    return labels


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:  # in UTC it is a day before the calendar, or after it
        return FIRST if at.year == FIRST.year else LAST


def _written_out(text: Any) -> Any:
    """A number would be taken for seconds, or for milliseconds, since 1970."""
    if isinstance(text, str) and MOMENT.match(text) is None:
        message = "must be a moment with its time zone, such as 2026-01-31T00:00:00Z"
        raise PydanticCustomError("not_a_moment", "{message}", {"message": message})
    return text


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc), BeforeValidator(_written_out)]
Label = Annotated[
    PlainText, AfterValidator(_label), Declared(pattern=f"^{LABEL_KEY}(={PRINTABLE})?$")
]


class JobQuery(BaseModel):
    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 50
    """How many items at most."""
    cursor: Annotated[Annotated[str, Declared(pattern=CURSOR)] | None, Field(max_length=2000)] = (
        None
    )
    """`next_cursor` of the page before."""
    sort: Sort = "-created_at"
    """By what, and with a minus the other way round: the newest, the most urgent first."""
    state: list[State] = Field(default_factory=list)
    """Only jobs in this state; given again, in any of them."""
    project: PlainText | None = None
    """Only jobs of this project."""
    label: Annotated[list[Label], AfterValidator(_one_value_each)] = Field(default_factory=list)
    """`key=value`, or a key with any value; given again, all of them must hold."""
    name: PlainText | None = None
    """Only jobs with this in their name, in small letters or capitals."""
    parent: PlainText | None = None
    """Only jobs that were retried or cloned from this one."""
    teacher: PlainText | None = None
    """Only jobs that learn from this: an architecture, `mdl_...`, or `job:job_...`."""
    student: PlainText | None = None
    """Only jobs whose student is of this architecture."""
    verdict: Verdict | None = None
    """Only jobs whose gates said this; those that were not over yet have said nothing."""
    created_after: Moment | None = None
    """Only jobs that were submitted later, such as 2026-01-31T00:00:00Z."""
    created_before: Moment | None = None
    """Only jobs that were submitted earlier."""
    trash: bool = False
    """Jobs that were deleted, in place of all others."""

    @property
    def wanted(self) -> Wanted:
        labels = dict(text.partition("=")[::2] for text in self.label if "=" in text)
        return Wanted(
            states=self.state,
            project=self.project,
            labels={**{text: None for text in self.label if "=" not in text}, **labels},
            name=self.name,
            parent_id=self.parent,
            teacher=self.teacher,
            student=self.student,
            verdict=self.verdict,
            created_after=self.created_after,
            created_before=self.created_before,
            in_trash=self.trash,
        )

    @property
    def order(self) -> Order:
        return Order.read(self.sort)

    @property
    def place(self) -> Cursor | None:
        if self.cursor is None:
            return None
        try:
            return Cursor.decode(self.cursor, self.order)
        except Invalid as invalid:
            placed = (replace(problem, pointer="/query/cursor") for problem in invalid.problems)
            raise Invalid(tuple(placed)) from None


async def nothing_unknown(request: Request) -> None:
    """A filter that is misspelled would show everything."""
    known = list(JobQuery.model_fields)
    wrong: list[Any] = [
        one_of(f"/query/{name}", "unknown_parameter", "parameter", name, known)
        for name in request.query_params
        if name not in known
    ]
    if wrong:
        raise Invalid(tuple(wrong))


Asked = Annotated[JobQuery, Query()]
Strict = Depends(nothing_unknown)
