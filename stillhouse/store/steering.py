"""What users ask of a job that is there: cancel, pause, resume, retry, change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from kd_core.errors import Problem
from stillhouse.domain import job as jobs
from stillhouse.domain.errors import (
    Invalid,
    InvalidTransition,
    NotFound,
    NotWaiting,
    PreconditionFailed,
)
from stillhouse.domain.events import EventType, NewEvent
from stillhouse.domain.job import Actor, Desired, Priority, State
from stillhouse.domain.job_spec import MAX_LABELS
from stillhouse.domain.merge_patch import merged
from stillhouse.domain.more_epochs import Longer
from stillhouse.domain.realm import Whose
from stillhouse.domain.tags import tag
from stillhouse.store import transitions
from stillhouse.store.job_labels import relabel
from stillhouse.store.jobs import owned
from stillhouse.store.repository import Repository
from stillhouse.store.tables import JobRow

NOT_YET = {
    State.PAUSING: "its process is not gone yet: wait until it is paused",
    State.CANCELLING: "it is being cancelled: wait until its process is gone",
}


class Steered(NamedTuple):
    job: JobRow
    changed: bool
    """False when the job was there already, or on its way."""


@dataclass(frozen=True, slots=True)
class Changes:
    """None: as it is."""

    name: str | None = None
    labels: Mapping[str, str | None] | None = None
    """A merge patch: a label that is None goes."""
    priority: str | None = None

    def over(self, job: JobRow) -> dict[str, Any]:
        labels = merged(job.labels, self.labels or {})
        if len(labels) > MAX_LABELS:
            message = f"a job has at most {MAX_LABELS} labels; these would be {len(labels)}"
            raise Invalid((Problem("out_of_range", message, "set some to null", "/labels"),))
        return {
            "name": job.name if self.name is None else self.name,
            "labels": labels,
            "priority": job.priority if self.priority is None else self.priority,
        }


class Steering(Repository):
    """`if_versions`: only a job that is at one of these versions is touched."""

    def cancel(
        self,
        whose: Whose,
        job_id: str,
        *,
        reason: str = "",
        if_versions: Collection[int] | None = None,
    ) -> Steered:
        """Cancelled at once when no process can exist; else on its way, until it is gone."""
        job = locked(self._session, owned(whose, job_id), job_id, if_versions)
        if job.state in {State.CANCELLING, State.CANCELLED}:
            return Steered(job, changed=False)
        target = State.CANCELLING if jobs.is_leased(job.state) else State.CANCELLED
        return self._steered(job, target, Desired.CANCELLED, reason)

    def pause(
        self,
        whose: Whose,
        job_id: str,
        *,
        reason: str = "",
        if_versions: Collection[int] | None = None,
    ) -> Steered:
        """Paused at once when no process can exist; else once it has saved where it is."""
        job = locked(self._session, owned(whose, job_id), job_id, if_versions)
        if job.state in {State.PAUSING, State.PAUSED}:
            return Steered(job, changed=False)
        target = State.PAUSING if jobs.is_leased(job.state) else State.PAUSED
        return self._steered(job, target, Desired.PAUSED, reason)

    def resume(
        self,
        whose: Whose,
        job_id: str,
        *,
        reason: str = "",
        extra_epochs: int | None = None,
        if_versions: Collection[int] | None = None,
    ) -> Steered:
        """Queued again, to go on from where it was paused, and for so many epochs more."""
        job = locked(self._session, owned(whose, job_id), job_id, if_versions)
        if extra_epochs is not None:
            return self._lengthened(job, extra_epochs, reason)
        if job.state in {State.QUEUED, State.STARTING, State.RUNNING}:
            return Steered(job, changed=False)
        return self._steered(job, State.QUEUED, Desired.RUNNING, reason)

    def _lengthened(self, job: JobRow, extra_epochs: int, reason: str) -> Steered:
        """Said twice it would be so many epochs twice, so it is never a repetition."""
        if job.state is not State.PAUSED:
            raise InvalidTransition(
                job.state,
                "longer",
                jobs.allowed(job.state, Actor.USER),
                hint="it is over: clone it with another recipe.epochs"
                if jobs.is_terminal(job.state)
                else NOT_YET.get(job.state, "pause it first, and ask again when it is paused"),
            )
        longer = Longer.by(extra_epochs, job.spec, job.resolved)
        told = {"extra_epochs": extra_epochs, "epochs": longer.epochs}
        return self._steered(
            job,
            State.QUEUED,
            Desired.RUNNING,
            reason,
            told,
            spec=longer.spec,
            resolved=longer.resolved,
            fingerprint=longer.fingerprint,
        )

    def change(
        self,
        whose: Whose,
        job_id: str,
        changes: Changes,
        *,
        if_versions: Collection[int] | None = None,
    ) -> JobRow:
        """What people call it and how urgent it is. Nothing is written when nothing changes."""
        job = locked(self._session, owned(whose, job_id), job_id, if_versions)
        wanted = changes.over(job)
        told = {key: value for key, value in wanted.items() if value != getattr(job, key)}
        if not told:
            return job
        if "priority" in told and job.state not in {State.QUEUED, State.PAUSED}:
            raise NotWaiting(
                f"the job is {job.state}: its priority counts only while it waits",
                hint="leave priority out; a clone can have another",
                current=job.state,
            )
        transitions.log(
            self._session, job, [NewEvent(EventType.CHANGED, told)], attempt=job.attempt
        )
        if "labels" in told:
            relabel(self._session, job, wanted["labels"])
        return transitions.write(
            self._session,
            job,
            events=1,
            name=wanted["name"],
            labels=wanted["labels"],
            priority_rank=int(Priority[wanted["priority"].upper()]),
            resolved={**job.resolved, **wanted},
        )

    def retryable(
        self, whose: Whose, job_id: str, *, if_versions: Collection[int] | None = None
    ) -> JobRow:
        """A job that ended without a result, and stays as it is until this transaction ends."""
        job = locked(self._session, owned(whose, job_id), job_id, if_versions)
        if job.state not in {State.FAILED, State.CANCELLED, State.EXPIRED}:
            over = job.state is State.SUCCEEDED
            raise InvalidTransition(
                job.state,
                "retried",
                jobs.allowed(job.state, Actor.USER),
                hint="it has its result; clone it for another one"
                if over
                else NOT_YET.get(job.state, "it is not over: cancel it first, or let it go on"),
            )
        return job

    def _steered(
        self,
        job: JobRow,
        target: State,
        desired: Desired,
        reason: str,
        told: Mapping[str, Any] = MappingProxyType({}),
        **values: Any,
    ) -> Steered:
        possible = jobs.allowed(job.state, Actor.USER)
        if target not in possible:
            raise InvalidTransition(job.state, target, possible, hint=NOT_YET.get(job.state, ""))
        data = {"reason": reason, **told}
        moved = transitions.apply(
            self._session, job, target, Actor.USER, data, desired_state=desired, **values
        )
        return Steered(moved, changed=True)


def locked(
    session: Session,
    conditions: Iterable[Any],
    job_id: str,
    if_versions: Collection[int] | None,
) -> JobRow:
    """The job, if it is at one of these versions; nobody else changes it before we are done."""
    job = transitions.locked(session, *conditions)
    if job is None:
        raise NotFound("job", job_id)
    if if_versions is not None and job.version not in if_versions:
        raise PreconditionFailed(
            f"the job has changed: it is at version {job.version}",
            hint="read it again, and ask with its new tag",
            current=tag(job.version),
        )
    return job
