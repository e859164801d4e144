"""The queue: in which order its jobs are taken, and where in it a job is.

The urgent go first. Among equals goes first whose project has the fewest jobs at work, so that a
hundred jobs of one project do not keep the one of another waiting; then the oldest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from stillhouse.domain.ids import EPOCH
from stillhouse.domain.job import State
from stillhouse.domain.realm import Realm, Whose
from stillhouse.domain.waiting import QueuePlace, place
from stillhouse.store.belonging import within
from stillhouse.store.repository import Repository
from stillhouse.store.tables import JobRow, WorkerRow
from stillhouse.store.tables.machinery import WorkerState

ANY_QUEUE = "any"

# A range of an index. `state IN (...)`, or IS NOT NULL, would read every job there ever was.
_HELD = JobRow.lease_until > EPOCH


@dataclass(frozen=True, slots=True)
class Shares:
    """How many jobs of each project of each tenant are at work; there are as many as slots."""

    at_work: Mapping[tuple[str, str], int]

    @classmethod
    def now(cls, session: Session) -> Shares:
        rows = session.execute(select(JobRow.tenant_id, JobRow.project).where(_HELD))
        return cls(Counter((tenant_id, project) for tenant_id, project in rows))

    def of(self, job: JobRow) -> int:
        return self.at_work.get((job.tenant_id, job.project), 0)

    @property
    def column(self) -> ColumnElement[int]:
        theirs = [
            (and_(JobRow.tenant_id == tenant_id, JobRow.project == project), count)
            for (tenant_id, project), count in self.at_work.items()
        ]
        return case(*theirs, else_=0) if theirs else literal(0)


def in_turn(session: Session, statement: Select[Any]) -> Select[Any]:
    share = Shares.now(session).column
    return statement.order_by(JobRow.priority_rank.desc(), share, JobRow.created_at, JobRow.id)


class Held(NamedTuple):
    """A job that a worker has in hand."""

    worker_id: str
    job_id: str
    realm: Realm


class Load(NamedTuple):
    """What there is to do in one project."""

    project: str
    queued: int
    at_work: int
    oldest_queued_at: datetime | None


class Queueing(Repository):
    def held(self) -> list[Held]:
        """Of whoever; there are as many as slots."""
        columns = JobRow.lease_owner, JobRow.id, JobRow.tenant_id, JobRow.project
        rows = self._session.execute(select(*columns).where(_HELD))
        return [Held(owner, job_id, Realm(*realm)) for owner, job_id, *realm in rows if owner]

    def of_everybody(self) -> tuple[int, int]:
        """How many jobs wait, and how many are at work."""
        waiting = select(func.count()).where(JobRow.state == State.QUEUED)
        return self._session.scalars(waiting).one(), sum(self._held().values())

    def loads(self, whose: Whose) -> list[Load]:
        """By project, where there is anything to do."""
        waiting = (
            select(JobRow.project, func.count(), func.min(JobRow.created_at))
            .where(within(whose, JobRow), JobRow.state == State.QUEUED)
            .group_by(JobRow.project)
        )
        queued = {
            project: (count, oldest) for project, count, oldest in self._session.execute(waiting)
        }
        realm = Realm.of(whose)
        at_work = Counter(
            str(held.realm.project) for held in self.held() if realm.contains(held.realm)
        )
        loads = []
        for project in sorted({*queued, *at_work}):
            count, oldest = queued.get(project, (0, None))
            loads.append(Load(project, count, at_work[project], oldest))
        return loads

    def place(self, job: JobRow) -> QueuePlace | None:
        """Among the jobs of all tenants; nothing when it does not wait in the queue."""
        if job.state is not State.QUEUED:
            return None
        workers = self._workers_for(job)
        held = self._held()
        free = sum(max(0, worker.slots - held.get(worker.id, 0)) for worker in workers)
        return place(self._ahead(job) + 1, workers=len(workers), free_slots=free)

    def _ahead(self, job: JobRow) -> int:
        shares = Shares.now(self._session)
        theirs, mine = shares.column, shares.of(job)
        older = or_(
            JobRow.created_at < job.created_at,
            and_(JobRow.created_at == job.created_at, JobRow.id < job.id),
        )
        first = or_(
            JobRow.priority_rank > job.priority_rank,
            and_(
                JobRow.priority_rank == job.priority_rank,
                or_(theirs < mine, and_(theirs == mine, older)),
            ),
        )
        waiting = select(func.count()).where(JobRow.state == State.QUEUED, first)
        if job.queue != ANY_QUEUE:
            waiting = waiting.where(JobRow.queue.in_([job.queue, ANY_QUEUE]))
        return self._session.scalars(waiting).one()

    def _workers_for(self, job: JobRow) -> list[WorkerRow]:
        active: list[WorkerRow] = self._all(
            select(WorkerRow).where(WorkerRow.state == WorkerState.ACTIVE)
        )
        serve = {"cpu", "gpu"} if job.queue == ANY_QUEUE else {job.queue}
        return [worker for worker in active if serve & set(worker.queues)]

    def _held(self) -> Mapping[str | None, int]:
        """How many jobs each worker has in hand."""
        return Counter(self._session.scalars(select(JobRow.lease_owner).where(_HELD)))
