"""The trash: jobs that were deleted, until they are restored or their time in it is over."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import delete, select, update

from stillhouse.domain.errors import NotOver
from stillhouse.domain.events import EventType, NewEvent
from stillhouse.domain.job import is_terminal
from stillhouse.domain.realm import Whose
from stillhouse.store import transitions
from stillhouse.store.belonging import within
from stillhouse.store.clock import later, now
from stillhouse.store.jobs import owned
from stillhouse.store.repository import Repository
from stillhouse.store.steering import Steered, locked
from stillhouse.store.tables import (
    ArtifactRow,
    AttemptRow,
    EventRow,
    JobInputRow,
    JobLabelRow,
    JobModelRow,
    JobRow,
    LogRow,
    MetricRow,
)
from stillhouse.store.usage import refuse_if_used

LEFT_BEHIND = (
    MetricRow,
    LogRow,
    EventRow,
    ArtifactRow,
    AttemptRow,
    JobInputRow,
    JobLabelRow,
    JobModelRow,
)


class Trash(Repository):
    def put(self, whose: Whose, job_id: str, *, if_versions: Collection[int] | None = None) -> None:
        """Out of sight. Refused while the job goes on, or another one learns from its student."""
        job = locked(self._session, owned(whose, job_id), job_id, if_versions)
        if not is_terminal(job.state):
            raise NotOver(
                f"the job is {job.state}, and only what is over can be deleted",
                hint="cancel it first, and delete it once it is cancelled",
                current=job.state,
            )
        refuse_if_used(self._session, whose, "job", job.id)
        self._log(job, EventType.DELETED)
        transitions.write(self._session, job, events=1, deleted_at=now())

    def restore(
        self, whose: Whose, job_id: str, *, if_versions: Collection[int] | None = None
    ) -> Steered:
        """As it was; nothing changes when it is not in the trash."""
        mine = within(whose, JobRow), JobRow.id == job_id
        job = locked(self._session, mine, job_id, if_versions)
        if job.deleted_at is None:
            return Steered(job, changed=False)
        self._log(job, EventType.RESTORED)
        restored = transitions.write(self._session, job, events=1, deleted_at=None)
        return Steered(restored, changed=True)

    def empty(self, kept: timedelta, limit: int = 10) -> Sequence[str]:
        """Forget for good what was put in longer ago than `kept`; its blobs are swept later."""
        overdue = (
            select(JobRow.id)
            .where(JobRow.deleted_at < later(-kept.total_seconds()))
            .order_by(JobRow.deleted_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        gone = self._all(overdue)
        if not gone:
            return []
        for table in LEFT_BEHIND:
            self._count(delete(table).where(table.job_id.in_(gone)))
        orphans = update(JobRow).where(JobRow.parent_id.in_(gone))
        self._count(orphans.values(parent_id=None, version=JobRow.version + 1))
        self._count(delete(JobRow).where(JobRow.id.in_(gone)))
        return gone

    def _log(self, job: JobRow, kind: EventType) -> None:
        transitions.log(self._session, job, [NewEvent(kind)], attempt=job.attempt)
