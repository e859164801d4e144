"""What users ask of a job that is there: cancel, pause, resume, retry."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from stillhouse.domain import job as jobs
from stillhouse.domain.errors import InvalidTransition, NotFound, PreconditionFailed
from stillhouse.domain.job import Actor, Desired, State
from stillhouse.domain.tags import tag
from stillhouse.store import transitions
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


class Steering(Repository):
    """`if_versions`: only a job that is at one of these versions is touched."""

    def cancel(
        self,
        tenant_id: str,
        job_id: str,
        *,
        reason: str = "",
        if_versions: Collection[int] | None = None,
    ) -> Steered:
        """Cancelled at once when no process can exist; else on its way, until it is gone."""
        job = self._locked(tenant_id, job_id, if_versions)
        if job.state in {State.CANCELLING, State.CANCELLED}:
            return Steered(job, changed=False)
        target = State.CANCELLING if jobs.is_leased(job.state) else State.CANCELLED
        return self._steered(job, target, Desired.CANCELLED, reason)

    def pause(
        self,
        tenant_id: str,
        job_id: str,
        *,
        reason: str = "",
        if_versions: Collection[int] | None = None,
    ) -> Steered:
        """Paused at once when no process can exist; else once it has saved where it is."""
        job = self._locked(tenant_id, job_id, if_versions)
        if job.state in {State.PAUSING, State.PAUSED}:
            return Steered(job, changed=False)
        target = State.PAUSING if jobs.is_leased(job.state) else State.PAUSED
        return self._steered(job, target, Desired.PAUSED, reason)

    def resume(
        self,
        tenant_id: str,
        job_id: str,
        *,
        reason: str = "",
        if_versions: Collection[int] | None = None,
    ) -> Steered:
        """Queued again, to go on from where it was paused."""
        job = self._locked(tenant_id, job_id, if_versions)
        if job.state in {State.QUEUED, State.STARTING, State.RUNNING}:
            return Steered(job, changed=False)
        return self._steered(job, State.QUEUED, Desired.RUNNING, reason)

    def retryable(
        self, tenant_id: str, job_id: str, *, if_versions: Collection[int] | None = None
    ) -> JobRow:
        """A job that ended without a result, and stays as it is until this transaction ends."""
        job = self._locked(tenant_id, job_id, if_versions)
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

    def _locked(self, tenant_id: str, job_id: str, if_versions: Collection[int] | None) -> JobRow:
        job = transitions.locked(self._session, *owned(tenant_id, job_id))
        if job is None:
            raise NotFound("job", job_id)
        if if_versions is not None and job.version not in if_versions:
            raise PreconditionFailed(
                f"the job has changed: it is at version {job.version}",
                hint="read it again, and ask with its new tag",
                current=tag(job.version),
            )
        return job

    def _steered(self, job: JobRow, target: State, desired: Desired, reason: str) -> Steered:
        possible = jobs.allowed(job.state, Actor.USER)
        if target not in possible:
            raise InvalidTransition(job.state, target, possible, hint=NOT_YET.get(job.state, ""))
        moved = transitions.apply(
            self._session, job, target, Actor.USER, {"reason": reason}, desired_state=desired
        )
        return Steered(moved, changed=True)
