"""Leases: who may take a job, who holds it, and for how long, on the database's clock."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from stillhouse.domain.cause import Cause
from stillhouse.domain.errors import NotFound, StaleAttempt
from stillhouse.domain.job import LEASED, Actor, Desired, State
from stillhouse.store import transitions
from stillhouse.store.clock import later, now
from stillhouse.store.queueing import ANY_QUEUE, in_turn
from stillhouse.store.repository import Repository
from stillhouse.store.tables import AttemptRow, EventRow, JobRow, WorkerRow
from stillhouse.store.tables.machinery import WorkerState

LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Token:
    job_id: str
    attempt: int
    worker_id: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that is this worker's now."""

    token: Token
    job: JobRow
    worked_s: float
    """What earlier attempts have used of the job's max_runtime_s."""
    cause: Cause


@dataclass(frozen=True, slots=True)
class Orders:
    """What a supervisor reads every second."""

    desired: Desired
    draining: bool


class Leases(Repository):
    def claim(
        self, worker_id: str, queues: Collection[str], ttl: timedelta = LEASE
    ) -> Claim | None:
        """The best queued job for this worker, now held by it; nothing when none fits."""
        worker = _worker(self._session, worker_id)
        if worker.state is not WorkerState.ACTIVE:
            return None
        job = self._best(queues)
        if job is None:
            return None
        number = job.attempt + 1
        self._begin(job, number, worker_id)
        claimed = transitions.apply(
            self._session,
            job,
            State.STARTING,
            Actor.SUPERVISOR,
            {"worker": worker.name},
            attempt=number,
            lease_owner=worker_id,
            lease_until=later(ttl.total_seconds()),
            last_batch=0,
        )
        token = Token(job.id, number, worker_id)
        return Claim(token, claimed, self._worked_s(job.id), self._cause(job.id))

    def renew(self, token: Token, ttl: timedelta = LEASE) -> Orders:
        """Hold on to the job for another while."""
        renewed = (
            update(JobRow)
            .where(*held(token))
            .values(lease_until=later(ttl.total_seconds()))
            .returning(JobRow)
        )
        return orders_of(self._session, token, self._one(renewed))

    def orders(self, token: Token) -> Orders:
        return orders_of(self._session, token, self._one(select(JobRow).where(*held(token))))

    def expired(self, limit: int = 100) -> list[Token]:
        """Attempts that nobody holds any more: lease run out, or its worker gone."""
        lost = select(JobRow).where(*abandoned()).order_by(JobRow.lease_until).limit(limit)
        return [_token(job) for job in self._all(lost)]

    def _cause(self, job_id: str) -> Cause:
        """As its first event has it."""
        first = self._one(select(EventRow).where(EventRow.job_id == job_id, EventRow.seq == 1))
        return Cause.of_event(first.data) if first is not None else Cause()

    def _best(self, queues: Collection[str]) -> JobRow | None:
        waiting = select(JobRow).where(
            JobRow.state == State.QUEUED,
            JobRow.desired_state == Desired.RUNNING,
            JobRow.queue.in_([*queues, ANY_QUEUE]),
            JobRow.queue_deadline > now(),
        )
        turn = in_turn(self._session, waiting)
        best = turn.limit(1).with_for_update(skip_locked=True)
        job: JobRow | None = self._one(best)
        return job

    def _begin(self, job: JobRow, number: int, worker_id: str) -> None:
        self._add(
            AttemptRow(
                job_id=job.id,
                number=number,
                tenant_id=job.tenant_id,
                worker_id=worker_id,
                resumed_from=job.checkpoint,
                checkpoints=0,
                started_at=now(),
            )
        )

    def _worked_s(self, job_id: str) -> float:
        ended = select(AttemptRow).where(
            AttemptRow.job_id == job_id, AttemptRow.ended_at.is_not(None)
        )
        spans = [(row.started_at, row.ended_at) for row in self._all(ended)]
        return float(sum((end - start).total_seconds() for start, end in spans))


def _worker(session: Session, worker_id: str) -> WorkerRow:
    worker = session.get(WorkerRow, worker_id, populate_existing=True)
    if worker is None:
        raise NotFound("worker", worker_id)
    return worker


def orders_of(session: Session, token: Token, job: JobRow | None) -> Orders:
    if job is None:
        raise stale(token)
    state = _worker(session, token.worker_id).state
    return Orders(job.desired_state, state is not WorkerState.ACTIVE)


def held(token: Token) -> tuple[Any, ...]:
    return (
        JobRow.id == token.job_id,
        JobRow.attempt == token.attempt,
        JobRow.lease_owner == token.worker_id,
    )


def abandoned() -> tuple[Any, ...]:
    gone = exists().where(WorkerRow.id == JobRow.lease_owner, WorkerRow.state == WorkerState.GONE)
    return JobRow.state.in_(sorted(LEASED)), or_(JobRow.lease_until < now(), gone)


def _token(job: JobRow) -> Token:
    return Token(job.id, job.attempt, str(job.lease_owner))


def stale(token: Token) -> StaleAttempt:
    return StaleAttempt(
        f"attempt {token.attempt} of {token.job_id} is not {token.worker_id}'s any more",
        hint="stop the trainer at once and write nothing",
    )
