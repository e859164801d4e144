"""Jobs as users see them: create, read, list. What is done to them is in `steering`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Unpack

from sqlalchemy import func, insert, literal, select

from kd_core.errors import Problem
from stillhouse.domain.cause import Cause
from stillhouse.domain.errors import Invalid, NotFound
from stillhouse.domain.ids import Prefix
from stillhouse.domain.job import Actor, Desired, State, is_terminal
from stillhouse.domain.job_spec import JobSpec, Source
from stillhouse.domain.pages import NEWEST, Cursor, Order, Page
from stillhouse.domain.realm import Realm, Whose
from stillhouse.store import transitions
from stillhouse.store.belonging import within
from stillhouse.store.clock import later, now
from stillhouse.store.datasets import of_dataset
from stillhouse.store.job_filters import Wanted
from stillhouse.store.job_labels import label_rows
from stillhouse.store.job_lists import listed
from stillhouse.store.job_models import model_rows
from stillhouse.store.repository import Repository
from stillhouse.store.tables import (
    AttemptRow,
    DatasetVersionRow,
    JobInputRow,
    JobRow,
    MetricRow,
    ModelRow,
)
from stillhouse.store.tables.library import CheckState

UNKNOWN = Cause()
Known = ModelRow | DatasetVersionRow | JobRow
Registered = tuple[str, Known | None]
"""What kind of thing a source names, and the thing if it is there."""


@dataclass(frozen=True, slots=True)
class Descent:
    """Of a job that is made from another one."""

    parent: JobRow
    goes_on: bool
    """From the parent's last checkpoint; else from the start."""
    reason: str = ""

    def begun(self, spec: JobSpec) -> JobRow | None:
        """The parent, if the new job goes on from its checkpoint.

        Where the specification has come to mean something else, that is of no use.
        """
        usable = self.parent.checkpoint is not None and self.parent.fingerprint == spec.fingerprint
        return self.parent if self.goes_on and usable else None

    def told(self, begun: JobRow | None) -> dict[str, Any]:
        step = begun.checkpoint["step"] if begun is not None and begun.checkpoint else None
        return {"parent_id": self.parent.id, "reason": self.reason, "from_step": step}


class Inputs(NamedTuple):
    ready: Mapping[str, Known]
    """By the pointer to where the specification names it."""
    problems: Sequence[Problem]


class Jobs(Repository):
    def create(
        self,
        whose: Whose,
        spec: JobSpec,
        sent: Mapping[str, Any],
        descent: Descent | None = None,
        cause: Cause = UNKNOWN,
    ) -> JobRow:
        """A queued job, its first events and its bell. `Invalid` for inputs that are not ready."""
        inputs = self._hold_inputs(whose, spec)
        begun = descent.begun(spec) if descent is not None else None
        tenant_id = Realm.of(whose).tenant_id
        job = _new_job(self._mint(Prefix.JOB), tenant_id, spec, sent, descent, begun)
        self._add(job)
        self._add(*(_input_row(job, source) for source in inputs))
        self._add(*label_rows(job, job.labels), *model_rows(job))
        if begun is not None:
            self._copy_curves(begun, job)
        told = descent.told(begun) if descent else {}
        return transitions.created(self._session, job, {**told, **cause.told})

    def _copy_curves(self, parent: JobRow, job: JobRow) -> None:
        columns = (
            MetricRow.tenant_id,
            MetricRow.series,
            MetricRow.step,
            MetricRow.epoch,
            MetricRow.value,
            MetricRow.nonfinite,
        )
        curves = (
            select(literal(job.id), literal(0), *columns)
            .where(MetricRow.job_id == parent.id)
            .order_by(MetricRow.id)
        )
        names = ["job_id", "attempt", *(column.key for column in columns)]
        self._count(insert(MetricRow).from_select(names, curves))

    def get(self, whose: Whose, job_id: str) -> JobRow:
        job: JobRow | None = self._one(select(JobRow).where(*owned(whose, job_id)))
        if job is None:
            raise NotFound("job", job_id)
        return job

    def page(
        self,
        whose: Whose,
        *,
        limit: int = 50,
        cursor: Cursor | None = None,
        order: Order = NEWEST,
        **wanted: Unpack[Wanted],
    ) -> Page[JobRow]:
        """Every filter that is given must hold."""
        found = listed(self._session, whose, limit, cursor, order, **wanted)
        return self._page(*found, limit, cursor, order)

    def duplicate_of(self, whose: Whose, spec: JobSpec) -> JobRow | None:
        """A job of the same science and the same gates that has its result, or is on its way to
        one. Who asks has the answer to itself until its transaction ends.
        """
        self._alone(f"{Realm.of(whose).tenant_id} {spec.fingerprint}")
        mine = select(JobRow).where(
            within(whose, JobRow),
            JobRow.fingerprint == spec.fingerprint,
            JobRow.state.in_([State.SUCCEEDED, State.RUNNING, State.STARTING, State.QUEUED]),
            JobRow.deleted_at.is_(None),
        )
        # Sorted by the database, SQLite would rather read every job than use the right index.
        found = sorted(self._all(mine), key=lambda job: (job.created_at, job.id), reverse=True)
        gates = spec.resolved()["gates"]
        alike = [job for job in found if job.resolved.get("gates") == gates]
        return max(alike, key=lambda job: job.state is State.SUCCEEDED, default=None)

    def _alone(self, subject: str) -> None:
        """Two at once, one after the other. On SQLite who writes is alone anyway."""
        if self._session.get_bind().dialect.name == "postgresql":
            key = func.hashtextextended(subject, 0)
            self._session.execute(select(func.pg_advisory_xact_lock(key)))

    def inputs(self, whose: Whose, spec: JobSpec) -> Inputs:
        """What a specification names, as it is registered now, and what is wrong with it."""
        rows: dict[str, Known] = {}
        problems: list[Problem] = []
        for source in _registered_in(spec):
            noun, row = self._registered(whose, source)
            found = list(_problems(noun, row, source))
            problems += found
            if row is not None and not found:
                rows[source.pointer] = row
        return Inputs(rows, problems)

    def attempts_of(self, job_ids: Collection[str]) -> dict[str, list[AttemptRow]]:
        """Of several jobs at once, oldest first."""
        theirs = select(AttemptRow).where(AttemptRow.job_id.in_(job_ids))
        found: dict[str, list[AttemptRow]] = {job_id: [] for job_id in job_ids}
        for attempt in self._all(theirs.order_by(AttemptRow.number)):
            found[attempt.job_id].append(attempt)
        return found

    def attempts(self, job: JobRow) -> list[AttemptRow]:
        mine = select(AttemptRow).where(AttemptRow.job_id == job.id)
        return self._all(mine.order_by(AttemptRow.number))

    def expire_overdue(self, limit: int = 100) -> list[JobRow]:
        """Jobs that waited longer than their owner wanted to, now expired."""
        overdue = (
            select(JobRow)
            .where(JobRow.state == State.QUEUED, JobRow.queue_deadline < now())
            .order_by(JobRow.queue_deadline)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [
            transitions.apply(
                self._session, job, State.EXPIRED, Actor.RECONCILER, {"after_s": job.queue_ttl_s}
            )
            for job in self._all(overdue)
        ]

    def _hold_inputs(self, whose: Whose, spec: JobSpec) -> list[Source]:
        """The registered inputs, locked against deletion until this transaction ends."""
        registered = _registered_in(spec)
        problems: list[Problem] = []
        for source in registered:
            noun, row = self._registered(whose, source, hold=True)
            problems += _problems(noun, row, source)
        if problems:
            raise Invalid(tuple(problems))
        return registered

    def _registered(self, whose: Whose, source: Source, *, hold: bool = False) -> Registered:
        if source.job_id is not None:
            noun = "job"
            statement: Any = select(JobRow).where(*owned(whose, source.job_id))
        elif source.dataset_version is None:
            noun = "model"
            statement = select(ModelRow).where(
                within(whose, ModelRow), ModelRow.id == source.model_id
            )
        else:
            noun = "data set"
            dataset_id, number = source.dataset_version
            statement = select(DatasetVersionRow).where(
                of_dataset(whose),
                DatasetVersionRow.dataset_id == dataset_id,
                DatasetVersionRow.number == number,
            )
        return noun, self._one(statement.with_for_update(read=True) if hold else statement)


def _registered_in(spec: JobSpec) -> list[Source]:
    return [
        source
        for source in spec.sources()
        if source.model_id or source.job_id or source.dataset_version
    ]


def _problems(noun: str, row: Known | None, source: Source) -> Iterator[Problem]:
    where = source.pointer
    if row is None:
        message = f"there is no {noun} {source.object_id}"
        yield Problem(f"unknown_{noun.replace(' ', '_')}", message, "check the id", where)
    elif isinstance(row, JobRow):
        if row.state is not State.SUCCEEDED:
            message = f"the job {row.id} is {row.state}, and only one that succeeded has a student"
            over = "name another job" if is_terminal(row.state) else "wait until it has succeeded"
            yield Problem("not_ready", message, over, where)
    elif row.state is not CheckState.READY:
        message = f"the {noun} {source.reference} is {row.state}"
        hint = (
            "wait until its check is over"
            if row.state is CheckState.CHECKING
            else f"GET /v1/{noun.replace(' ', '')}s tells what is wrong with it"
        )
        yield Problem("not_ready", message, hint, where)


def owned(whose: Whose, job_id: str) -> tuple[Any, ...]:
    """The job, unless it is in the trash."""
    return within(whose, JobRow), JobRow.id == job_id, JobRow.deleted_at.is_(None)


def _input_row(job: JobRow, source: Source) -> JobInputRow:
    object_id, number = source.dataset_version or (source.object_id, None)
    return JobInputRow(
        job_id=job.id,
        pointer=source.pointer,
        tenant_id=job.tenant_id,
        object_id=object_id,
        number=number,
    )


def _new_job(
    job_id: str,
    tenant_id: str,
    spec: JobSpec,
    sent: Mapping[str, Any],
    descent: Descent | None,
    begun: JobRow | None,
) -> JobRow:
    return JobRow(
        id=job_id,
        tenant_id=tenant_id,
        project=spec.project,
        name=spec.name,
        labels=dict(spec.labels),
        spec=dict(sent),
        resolved=spec.resolved(),
        fingerprint=spec.fingerprint,
        state=State.QUEUED,
        desired_state=Desired.RUNNING,
        version=0,
        priority_rank=int(spec.rank),
        queue=spec.queue,
        queue_ttl_s=spec.limits.queue_ttl_s,
        queue_deadline=later(spec.limits.queue_ttl_s),
        attempt=0,
        deaths=0,
        next_event_seq=1,
        next_log_seq=1,
        last_batch=0,
        parent_id=descent.parent.id if descent is not None else None,
        checkpoint=begun.checkpoint if begun is not None else None,
        checkpoint_blob=begun.checkpoint_blob if begun is not None else None,
        progress=begun.progress if begun is not None else None,
        best=begun.best if begun is not None else {},
        last=begun.last if begun is not None else {},
        created_at=now(),
    )
