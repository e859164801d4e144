"""Labels as rows beside the documents that show them: a list of the jobs that have one is a range
of an index, however many jobs there are and however few of them are meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, delete, func, select
from sqlalchemy.orm import Session, aliased

from stillhouse.store.tables import JobLabelRow, JobRow

ENOUGH = 1000
"""Of labels that have more jobs than this, it does not matter which is gone through."""


class Label(NamedTuple):
    tenant_id: str
    key: str
    value: str | None
    """None: whatever its value is."""

    def of(self, row: type[JobLabelRow]) -> tuple[ColumnElement[bool], ...]:
        mine = (row.tenant_id == self.tenant_id, row.key == self.key)
        return mine if self.value is None else (*mine, row.value == self.value)

    def jobs(self) -> Select[str]:
        """Those that have it, or ENOUGH of them."""
        return select(JobLabelRow.job_id).where(*self.of(JobLabelRow)).limit(ENOUGH)


def label_rows(job: JobRow, labels: Mapping[str, str]) -> list[JobLabelRow]:
    whose = {"job_id": job.id, "tenant_id": job.tenant_id, "created_at": job.created_at}
    return [JobLabelRow(key=key, value=value, **whose) for key, value in labels.items()]


def relabel(session: Session, job: JobRow, labels: Mapping[str, str]) -> None:
    session.execute(delete(JobLabelRow).where(JobLabelRow.job_id == job.id))
    session.add_all(label_rows(job, labels))
    session.flush()


def having_all(
    session: Session, statement: Select[Any], tenant_id: str, wanted: Mapping[str, str | None]
) -> tuple[Select[Any], type[JobLabelRow]]:
    """Jobs with these labels, and the row of the rarest one, whose jobs are gone through and asked
    for the others: a list that is sorted by the age of jobs can be sorted by that of the row, and
    then is a range of an index.
    """
    labels = [Label(tenant_id, key, value) for key, value in wanted.items()]
    if len(labels) == 1:
        return _having(statement, labels[0])
    counts = [select(func.count()).select_from(label.jobs().subquery()) for label in labels]
    found = session.execute(select(*(count.scalar_subquery() for count in counts))).one()
    (count, rarest), *others = sorted(zip(found, labels, strict=True), key=itemgetter(0))
    # By name: a planner that has to guess may go through the others.
    jobs = session.scalars(rarest.jobs()).all() if count < ENOUGH else None
    statement, row = _having(statement, rarest)
    for _, label in others:
        statement, other = _having(statement, label)
        if jobs is not None:
            statement = statement.where(other.job_id.in_(jobs))
    return statement, row


def _having(statement: Select[Any], label: Label) -> tuple[Select[Any], type[JobLabelRow]]:
    row = aliased(JobLabelRow)
    return statement.join(row, row.job_id == JobRow.id).where(*label.of(row)), row
