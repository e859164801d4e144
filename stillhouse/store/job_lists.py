"""A list of jobs as ranges of indexes: what it costs is a page, however many jobs there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Unpack

from sqlalchemy import Select, select, union_all
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import InstrumentedAttribute

from stillhouse.domain.pages import Cursor, Order
from stillhouse.domain.realm import Realm, Whose
from stillhouse.store.belonging import within
from stillhouse.store.job_filters import SORTED_BY, Wanted, conditions
from stillhouse.store.job_labels import label_marks
from stillhouse.store.job_marks import Mark, having_all
from stillhouse.store.job_models import STUDENT, TEACHER, model_marks
from stillhouse.store.repository import ahead
from stillhouse.store.tables import JobRow


class Range(NamedTuple):
    """Jobs, and the two columns by which they are sorted."""

    statement: Select[Any]
    column: InstrumentedAttribute[Any]
    identity: InstrumentedAttribute[str]

    def where(self, *conditions: Any) -> Range:
        return self._replace(statement=self.statement.where(*conditions))


def listed(
    session: Session,
    whose: Whose,
    limit: int,
    cursor: Cursor | None,
    order: Order,
    **wanted: Unpack[Wanted],
) -> Range:
    statement = select(JobRow).where(within(whose, JobRow), *conditions(**wanted))
    mine = Range(statement, SORTED_BY[order.by], JobRow.id)
    if marks := _marks(Realm.of(whose).tenant_id, **wanted):
        mine = _marked(session, mine, marks, order)
    states = sorted(set(wanted.get("states") or ()))
    each = [mine.where(JobRow.state == state) for state in states]
    return _any_of(each, limit, cursor, order) if len(each) > 1 else [*each, mine][0]


def _marks(tenant_id: str, **wanted: Unpack[Wanted]) -> list[Mark]:
    models = {TEACHER: wanted.get("teacher"), STUDENT: wanted.get("student")}
    labels = label_marks(tenant_id, wanted.get("labels") or {})
    return [*labels, *model_marks(tenant_id, models)]


def _marked(session: Session, jobs: Range, marks: Sequence[Mark], order: Order) -> Range:
    statement, row, is_rare = having_all(session, jobs.statement, marks)
    if order.by == "created_at":
        return Range(statement, row.created_at, row.job_id)
    # By the row's id: no index has that order, so those few are sorted, and not all jobs walked.
    return Range(statement, jobs.column, row.job_id if is_rare else JobRow.id)


def _any_of(ranges: list[Range], limit: int, cursor: Cursor | None, order: Order) -> Range:
    """The beginning of each is enough for the beginning of all."""
    firsts = (ahead(*one, limit, cursor, order).with_only_columns(JobRow.id) for one in ranges)
    together = union_all(*(select(first.subquery()) for first in firsts))
    return Range(select(JobRow).where(JobRow.id.in_(together)), SORTED_BY[order.by], JobRow.id)
