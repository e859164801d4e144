"""The one place that writes `state`: the table's move, its event and its consequences, together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from stillhouse.domain import job as jobs
from stillhouse.domain.events import EventType, NewEvent
from stillhouse.domain.job import Actor, Move, State
from stillhouse.domain.text import storable
from stillhouse.store.clock import later, now
from stillhouse.store.outbox import put_up, take_down
from stillhouse.store.repository import FRESH
from stillhouse.store.tables import AttemptRow, EventRow, JobRow
from stillhouse.store.tables.machinery import Bell


def locked(session: Session, *conditions: Any, skip_locked: bool = False) -> JobRow | None:
    """The job as it is now, and nobody else changes it before this transaction ends."""
    statement = select(JobRow).where(*conditions).with_for_update(skip_locked=skip_locked)
    return session.scalars(statement, execution_options=FRESH).one_or_none()


def apply(
    session: Session,
    job: JobRow,
    wanted: State,
    by: Actor,
    data: Mapping[str, Any] | None = None,
    *,
    before: Iterable[NewEvent] = (),
    **values: Any,
) -> JobRow:
    """Move a locked job along the table, with further columns to write and events to log first."""
    step = jobs.move(job.state, wanted, by)
    events = [*before, NewEvent(step.event, data or {})]
    # The event of a claim belongs to the attempt that it begins.
    attempt = values.get("attempt", job.attempt)
    log(session, job, events, attempt=attempt)
    if step.ends_attempt:
        _end_attempt(session, job, values.pop("ending", wanted.value), values.get("failure"))
    if wanted is State.QUEUED:
        put_up(session, Bell.JOB, job.id, job.queue)
    elif job.state is State.QUEUED:
        take_down(session, Bell.JOB, job.id)
    return write(session, job, events=len(events), **_consequences(step, job), **values)


def write(
    session: Session, job: JobRow, *, events: int = 0, logs: int = 0, **values: Any
) -> JobRow:
    """Write columns of a locked job; every write bumps its version."""
    statement = (
        update(JobRow)
        .where(JobRow.id == job.id, JobRow.version == job.version)
        .values(
            version=JobRow.version + 1,
            next_event_seq=JobRow.next_event_seq + events,
            next_log_seq=JobRow.next_log_seq + logs,
            **values,
        )
        .returning(JobRow)
    )
    return session.scalars(statement, execution_options=FRESH).one()


def log(session: Session, job: JobRow, events: Iterable[NewEvent], *, attempt: int) -> None:
    """Append to the event log of a locked job; `write` then moves `next_event_seq` past them."""
    for seq, event in enumerate(events, start=job.next_event_seq):
        session.add(
            EventRow(
                job_id=job.id,
                seq=seq,
                tenant_id=job.tenant_id,
                type=event.type.value,
                at=event.at or now(),
                attempt=attempt,
                data=storable(event.data),
            )
        )
    session.flush()


def created(session: Session, job: JobRow, data: Mapping[str, Any]) -> JobRow:
    """The first two events of a new job, and the bell that says it is there."""
    step = jobs.move(None, job.state, Actor.API)
    events = [NewEvent(EventType.CREATED, {"name": job.name, **data}), NewEvent(step.event)]
    log(session, job, events, attempt=0)
    put_up(session, Bell.JOB, job.id, job.queue)
    return write(session, job, events=len(events))


def _consequences(step: Move, job: JobRow) -> dict[str, Any]:
    values: dict[str, Any] = {"state": step.target}
    if not jobs.is_leased(step.target):
        values |= {"lease_owner": None, "lease_until": None, "phase": None}
    if jobs.is_terminal(step.target):
        values["finished_at"] = now()
    queued = step.target is State.QUEUED
    values["queue_deadline"] = later(job.queue_ttl_s) if queued else None
    return values


def _end_attempt(session: Session, job: JobRow, ending: str, failure: Any) -> None:
    session.execute(
        update(AttemptRow)
        .where(AttemptRow.job_id == job.id, AttemptRow.number == job.attempt)
        .values(ended_at=now(), ending=ending, failure=failure),
        execution_options={"synchronize_session": False},
    )
