"""What a job can be found by and has several of, labels and models: rows beside it, so that a list
of the jobs that have one is a range of an index, however many jobs there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from stillhouse.store.tables import JobLabelRow, JobModelRow, JobRow

ENOUGH = 1000
"""Of marks that have more jobs than this, it does not matter which is gone through."""
MarkRow = type[JobLabelRow] | type[JobModelRow]


class Mark(NamedTuple):
    table: MarkRow
    values: Mapping[str, str]
    """Of its columns; no two rows of one job have all of them."""

    def of(self, row: MarkRow) -> tuple[ColumnElement[bool], ...]:
        return tuple(getattr(row, name) == value for name, value in self.values.items())

    def jobs(self) -> Select[str]:
        """Those that have it, or ENOUGH of them."""
        return select(self.table.job_id).where(*self.of(self.table)).limit(ENOUGH)


class Marked(NamedTuple):
    statement: Select[Any]
    row: MarkRow
    """Of the rarest mark."""
    is_rare: bool


def having_all(session: Session, statement: Select[Any], marks: Sequence[Mark]) -> Marked:
    """Jobs with all of these, and the row of the rarest one, whose jobs are gone through and asked
    for the others: a list that is sorted by the age of jobs can be sorted by that of the row, and
    then is a range of an index.
    """
    counts = [select(func.count()).select_from(mark.jobs().subquery()) for mark in marks]
    found = session.execute(select(*(count.scalar_subquery() for count in counts))).one()
    (count, rarest), *others = sorted(zip(found, marks, strict=True), key=itemgetter(0))
    is_rare = count < ENOUGH
    # By name: a planner that has to guess may go through the others.
    jobs = session.scalars(rarest.jobs()).all() if is_rare and others else None
    statement, row = _having(statement, rarest)
    for _, mark in others:
        statement, other = _having(statement, mark)
        if jobs is not None:
            statement = statement.where(other.job_id.in_(jobs))
    return Marked(statement, row, is_rare)


def _having(statement: Select[Any], mark: Mark) -> tuple[Select[Any], MarkRow]:
    row = aliased(mark.table)
    return statement.join(row, row.job_id == JobRow.id).where(*mark.of(row)), row
