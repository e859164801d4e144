"""Who still needs a registered model or data set: asked under its lock, before it is deleted."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from stillhouse.domain.errors import InUse
from stillhouse.domain.job import TERMINAL
from stillhouse.store.tables import JobInputRow, JobRow

SHOWN_JOBS = 10


def refuse_if_used(session: Session, noun: str, object_id: str) -> None:
    """A job that is created at the same time waits for the same lock, and then finds nothing."""
    using = (
        select(JobRow.id)
        .join(JobInputRow, JobInputRow.job_id == JobRow.id)
        .where(JobInputRow.object_id == object_id, JobRow.state.not_in(sorted(TERMINAL)))
        .order_by(JobRow.id)
        .distinct()
        .limit(SHOWN_JOBS)
    )
    jobs = list(session.scalars(using))
    if jobs:
        raise InUse(
            f"the {noun} {object_id} is used by {', '.join(jobs)}",
            hint="cancel those jobs, or wait until they are over",
            jobs=jobs,
        )
