"""Jobs, as they are shown, and what a validation says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from api.addresses import at
from api.answers import Answer, PageOf, ReportedProblem
from api.jobs.estimates import Estimates
from kd_core.spec.section import Section
from stillhouse.domain.failure import Ending, ExitClass
from stillhouse.domain.job import State, is_terminal
from stillhouse.domain.job_spec import (
    JobName,
    LabelKey,
    LabelValue,
    OnlyLabelKeys,
    PriorityWord,
)
from stillhouse.domain.more_epochs import MOST_EXTRA_EPOCHS
from stillhouse.domain.text import PlainText
from stillhouse.domain.waiting import QueuePlace, WaitReason
from stillhouse.store.steering import Changes
from stillhouse.store.tables import AttemptRow, JobRow

LOG_TAIL = 50


class VerbRequest(Section):
    reason: Annotated[PlainText, Field(max_length=500)] = ""
    """Kept in the event that tells of it."""


class JobPatch(Section):
    """What may be changed of a job; what is left out, or null, stays as it is."""

    name: JobName | None = None
    """What people call it."""
    labels: (
        Annotated[dict[LabelKey, LabelValue | None], Field(max_length=100), OnlyLabelKeys] | None
    ) = None
    """Labels to set, and with null those to take away; others stay."""
    priority: PriorityWord | None = None
    """Only while it is queued or paused."""

    @property
    def changes(self) -> Changes:
        return Changes(**self.model_dump())


class ResumeRequest(VerbRequest):
    extra_epochs: Annotated[int, Field(ge=1, le=MOST_EXTRA_EPOCHS)] | None = None
    """Train for so many epochs more than the specification asks for. They are written into it, and
    its schedule keeps the length that it had, so that what was trained stays as it is.
    """


class RetryRequest(VerbRequest):
    from_start: bool = False
    """Forget the checkpoint of the job that ended, and begin with the first step."""


class CloneRequest(VerbRequest):
    patch: dict[str, Any] = Field(default_factory=dict)
    """JSON merge patch (RFC 7396) over the specification as sent: null takes a key away."""


class Progress(Answer):
    phase: str
    """What it is busy with."""
    epoch: int | None
    """The epoch being trained, counted from 1."""
    epochs: int | None
    """How many there will be."""
    step: int
    """Steps done, of this phase."""
    total_steps: int
    """How many there will be."""
    fraction: float
    """From 0 to 1; 1 once the job has succeeded."""
    eta_s: float | None
    """Seconds left of this phase, as far as one can tell."""

    @classmethod
    def read(cls, told: Mapping[str, Any], *, finished: bool) -> Self:
        step, total = int(told.get("step") or 0), int(told.get("total_steps") or 0)
        done = 1.0 if finished else min(1.0, step / total) if total else 0.0
        return cls(
            phase=str(told.get("phase") or ""),
            epoch=told.get("epoch"),
            epochs=told.get("epochs"),
            step=step,
            total_steps=total,
            fraction=done,
            eta_s=0.0 if finished else told.get("eta_s"),
        )


class Queue(Answer):
    position: int
    """1 is the next one to be taken, as things stand."""
    reason: WaitReason
    """Why it waits: no worker that could take it is up, others go first, every worker is busy; or
    it is about to start."""

    @classmethod
    def of(cls, place: QueuePlace | None) -> Self | None:
        return cls(position=place.position, reason=place.reason) if place is not None else None


class Attempt(Answer):
    number: int
    """Counted from 1."""
    state: str
    """The job's own while it goes on; else how it ended: succeeded, failed, cancelled, lost ..."""
    started_at: datetime
    """When a worker took the job."""
    finished_at: datetime | None
    """When it ended."""
    worker: str
    """Who had it."""
    reason: str | None
    """Why it ended, when it did not end well."""

    @classmethod
    def of(cls, attempt: AttemptRow, job: JobRow, workers: Mapping[str, str]) -> Self:
        lost = attempt.ending in set(Ending)
        told = (attempt.failure or {}).get("message")
        return cls(
            number=attempt.number,
            state="lost" if lost else attempt.ending or job.state.value,
            started_at=attempt.started_at,
            finished_at=attempt.ended_at,
            worker=workers.get(attempt.worker_id, attempt.worker_id),
            reason=told or (attempt.ending if lost else None),
        )


class Failure(Answer):
    exit_class: ExitClass = Field(alias="class")
    """Whose fault it is, and so whether trying again can help."""
    code: str
    """Stable: what a program decides by."""
    message: str
    """What went wrong."""
    hint: str
    """The way out; may be empty."""
    phase: str | None
    """What it was busy with."""
    attempt: int
    """Which attempt it was."""
    log_tail_url: str
    """The last lines of the log."""

    @classmethod
    def of(cls, job: JobRow) -> Self | None:
        told = job.failure
        if told is None:
            return None
        tail = max(0, job.next_log_seq - 1 - LOG_TAIL)
        return cls(
            **{"class": ExitClass(told["class"])},
            code=told["code"],
            message=told["message"],
            hint=told.get("hint") or "",
            phase=told.get("phase"),
            attempt=told.get("attempt") or 0,
            log_tail_url=at(
                told.get("log_tail_url")
                or f"/v1/jobs/{job.id}/logs?after_seq={tail}&limit={LOG_TAIL}"
            ),
        )


class JobLinks(Answer):
    self: str
    """This job."""
    events: str
    """What happened."""
    metrics: str
    """Its curves."""
    logs: str
    """What it printed."""
    artifacts: str
    """What it made."""
    bundle: str
    """All of that as one tar, once it has succeeded."""
    verdict: str
    """What its gates say."""

    @classmethod
    def of(cls, job_id: str) -> Self:
        here = at(f"/v1/jobs/{job_id}")
        views = ("events", "metrics", "logs", "artifacts", "bundle", "verdict")
        return cls.model_validate({"self": here, **{view: f"{here}/{view}" for view in views}})


class Job(Answer):
    id: str
    """job_..."""
    name: str
    """What people call it."""
    project: str
    """Whose it is."""
    labels: dict[str, str]
    """Pairs of your own."""
    parent_id: str | None
    """The job that it was retried or cloned from."""
    state: State
    """Where it is; succeeded, failed, cancelled and expired are final."""
    phase: str | None
    """What its attempt is busy with."""
    progress: Progress | None
    """How far its training is."""
    queue: Queue | None
    """Where it waits and why, while it is queued; null in lists."""
    attempt: int
    """Which attempt it is at; 0 while nobody has started it."""
    attempts: list[Attempt]
    """Every time that a worker took it, oldest first."""
    priority: Literal["low", "normal", "high"]
    """Which jobs of the queue go first."""
    fingerprint: str
    """SHA-256 of the science alone: the same for the same science."""
    spec: Annotated[dict[str, Any], Field(title="SentSpec")]  # Job + Spec would be the body's name
    """The specification as sent."""
    resolved: dict[str, Any]
    """With every default written out."""
    failure: Failure | None
    """Why it failed; only a failed job has one."""
    verdict: str | None
    """What its gates say together: passed or failed, or not_evaluated where it has none; null
    before it has succeeded."""
    best: dict[str, Any]
    """The best value of each metric that has a better side."""
    last: dict[str, Any]
    """The last value of each metric. What stands without a slash was measured on the student that
    is shipped; `teacher_top1` and `size_ratio` are what lists hold it against.
    """
    created_at: datetime
    """When it was submitted."""
    started_at: datetime | None
    """When it was first running."""
    finished_at: datetime | None
    """When it came to its final state."""
    deleted_at: datetime | None
    """Since when it is in the trash."""
    version: int
    """Goes up with everything that changes here."""
    links: JobLinks
    """Where to go from here."""

    @classmethod
    def of(cls, job: JobRow, attempts: Sequence[AttemptRow], workers: Mapping[str, str]) -> Self:
        finished = job.state is State.SUCCEEDED
        return cls(
            id=job.id,
            name=job.name,
            project=job.project,
            labels=job.labels,
            parent_id=job.parent_id,
            state=job.state,
            phase=None if is_terminal(job.state) else job.phase,
            progress=Progress.read(job.progress, finished=finished) if job.progress else None,
            queue=None,
            attempt=job.attempt,
            attempts=[Attempt.of(attempt, job, workers) for attempt in attempts],
            priority=job.priority,
            fingerprint=job.fingerprint,
            spec=job.spec,
            resolved=job.resolved,
            failure=Failure.of(job),
            verdict=job.verdict,
            best=job.best,
            last=job.last,
            created_at=job.created_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
            deleted_at=job.deleted_at,
            version=job.version,
            links=JobLinks.of(job.id),
        )


class JobPage(PageOf[Job]):
    pass


class Validation(Answer):
    valid: bool
    """Whether a job of this specification would be accepted."""
    errors: list[ReportedProblem]
    """Everything that is wrong, all at once."""
    warnings: list[ReportedProblem]
    """What would run, and is probably not meant."""
    resolved: dict[str, Any] | None
    """With every default written out; null when the document itself is wrong."""
    estimates: Estimates | None
    """What the job will take; null when there are errors."""
    checked: Literal["full", "shallow"]
    """shallow: it names files that only a worker can look at, or could not be read to its end."""
