"""Who still needs a registered model or data set: asked under its lock, before it is deleted."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from stillhouse.domain.errors import InUse
from stillhouse.domain.job import TERMINAL
from stillhouse.domain.realm import Whose
from stillhouse.store.belonging import in_project
from stillhouse.store.tables import JobInputRow, JobRow

SHOWN_JOBS = 10


def refuse_if_used(session: Session, whose: Whose, noun: str, object_id: str) -> None:
    """A job that is created at the same time waits for the same lock, and then finds nothing.

    A key of the whole tenant may have made a job of another project that reads it: whoever asks is
    told that there is one, and no more.
    """
    using = (
        select(JobRow.id)
        .join(JobInputRow, JobInputRow.job_id == JobRow.id)
        .where(JobInputRow.object_id == object_id, JobRow.state.not_in(sorted(TERMINAL)))
        .distinct()
    )
    if not session.scalars(select(func.count()).select_from(using.subquery())).one():
        return
    seen = using.where(in_project(whose, JobRow)).order_by(JobRow.id).limit(SHOWN_JOBS)
    jobs = list(session.scalars(seen))
    raise InUse(
        f"the {noun} {object_id} is used by {', '.join(jobs) or 'a job of another project'}",
        hint="cancel those jobs, or wait until they are over",
        jobs=jobs,
    )
