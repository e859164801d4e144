"""Jobs, their attempts, and everything that an attempt leaves behind."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from stillhouse.domain.events import Level, Stream
from stillhouse.domain.job import Desired, Priority, State
from stillhouse.store.tables.row import (
    BlobDigest,
    Counter,
    Digest,
    Document,
    Id,
    Listing,
    Owned,
    Row,
    TenantId,
)

IN_TRASH = text("deleted_at IS NOT NULL")


class JobRow(Owned, Row):
    __tablename__ = "job"
    __table_args__ = (
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "state", "created_at", "id"),
        Index(None, "tenant_id", "project", "created_at", "id"),
        Index(None, "tenant_id", "verdict", "created_at", "id"),
        Index(None, "tenant_id", "project", "verdict", "created_at", "id"),
        Index(None, "tenant_id", "project", "state", "created_at", "id"),
        Index(None, "tenant_id", "project", "name", "id"),
        Index(None, "tenant_id", "project", "priority_rank", "id"),
        Index(None, "tenant_id", "name", "id"),
        Index(None, "tenant_id", "priority_rank", "id"),
        Index(None, "tenant_id", "parent_id", "created_at", "id"),
        Index(None, "tenant_id", "fingerprint"),
        Index(None, "tenant_id", "project", "fingerprint"),
        Index(
            "ix_job_trash",
            "tenant_id",
            "created_at",
            "id",
            sqlite_where=IN_TRASH,
            postgresql_where=IN_TRASH,
        ),
        Index(None, "state", "priority_rank", "created_at"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    labels: Mapped[Document]
    parent_id: Mapped[Id | None] = mapped_column(ForeignKey("job.id"), index=True)

    spec: Mapped[Document]
    """As sent."""
    resolved: Mapped[Document]
    """With every default written out; an attempt adds what it chose."""
    fingerprint: Mapped[Digest]

    state: Mapped[State]
    desired_state: Mapped[Desired]
    phase: Mapped[str | None] = mapped_column(String(32))
    progress: Mapped[Document | None]
    version: Mapped[int]
    """Goes up with every write that a reader can see; the renewal of a lease is none."""

    priority_rank: Mapped[int]
    queue: Mapped[str] = mapped_column(String(8))
    queue_ttl_s: Mapped[int]
    queue_deadline: Mapped[datetime | None] = mapped_column(index=True)

    attempt: Mapped[int]
    """The fencing token: counts claims, and guards every write of a worker."""
    lease_owner: Mapped[Id | None]
    lease_until: Mapped[datetime | None] = mapped_column(index=True)
    deaths: Mapped[int]
    """Consecutive attempts that died without a newer checkpoint."""
    checkpoint: Mapped[Document | None]
    checkpoint_blob: Mapped[BlobDigest | None]

    next_event_seq: Mapped[int]
    next_log_seq: Mapped[int]
    last_batch: Mapped[int]
    """The last batch of this attempt's reports, so that one sent twice is applied once."""

    best: Mapped[Document]
    last: Mapped[Document]
    verdict: Mapped[str | None] = mapped_column(String(16))
    gates: Mapped[Listing | None]
    """Each as the report has it; null before the job has succeeded."""
    failure: Mapped[Document | None]

    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None] = mapped_column(index=True)
    """In the trash since then: it is not there any more, until it is restored."""

    @property
    def priority(self) -> str:
        return Priority(self.priority_rank).word


class JobInputRow(Row):
    """A registered model or data set, or another job's student, that a job reads: while the job is
    not over, it stays.
    """

    __tablename__ = "job_input"

    job_id: Mapped[Id] = mapped_column(ForeignKey("job.id"), primary_key=True)
    pointer: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant_id: Mapped[TenantId]
    object_id: Mapped[Id] = mapped_column(index=True)
    number: Mapped[int | None]
    """The version, when it is a data set."""


class JobLabelRow(Row):
    """A label once more, to be found by; what a job shows is the document in its own row."""

    __tablename__ = "job_label"
    __table_args__ = (
        Index(None, "tenant_id", "key", "value", "created_at", "job_id"),
        Index(None, "tenant_id", "key", "created_at", "job_id"),
    )

    job_id: Mapped[Id] = mapped_column(ForeignKey("job.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(63), primary_key=True)
    tenant_id: Mapped[TenantId]
    value: Mapped[str] = mapped_column(String(256))
    created_at: Mapped[datetime]
    """The job's own: a list is sorted by it."""


class JobModelRow(Row):
    """A teacher or a student of a job by one of its names, to be found by."""

    __tablename__ = "job_model"
    __table_args__ = (Index(None, "tenant_id", "role", "name", "created_at", "job_id"),)

    job_id: Mapped[Id] = mapped_column(ForeignKey("job.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    tenant_id: Mapped[TenantId]
    created_at: Mapped[datetime]
    """The job's own: a list is sorted by it."""


class AttemptRow(Row):
    __tablename__ = "attempt"

    job_id: Mapped[Id] = mapped_column(ForeignKey("job.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[TenantId]
    worker_id: Mapped[Id]
    resumed_from: Mapped[Document | None]
    checkpoints: Mapped[int]
    """How many it saved that were newer than any before."""
    ending: Mapped[str | None] = mapped_column(String(16))
    """The state that it brought the job to, or how it was lost."""
    failure: Mapped[Document | None]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class EventRow(Row):
    __tablename__ = "event"

    job_id: Mapped[Id] = mapped_column(ForeignKey("job.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[TenantId]
    type: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
    attempt: Mapped[int]
    data: Mapped[Document]


class MetricRow(Row):
    __tablename__ = "metric_point"
    __table_args__ = (Index(None, "job_id", "series", "id"),)

    id: Mapped[Counter]
    job_id: Mapped[Id] = mapped_column(ForeignKey("job.id"))
    tenant_id: Mapped[TenantId]
    attempt: Mapped[int]
    series: Mapped[str] = mapped_column(String(200))
    step: Mapped[int]
    epoch: Mapped[int | None]
    value: Mapped[float | None]
    nonfinite: Mapped[str | None] = mapped_column(String(4))


class LogRow(Row):
    __tablename__ = "log_line"

    job_id: Mapped[Id] = mapped_column(ForeignKey("job.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[TenantId]
    at: Mapped[datetime]
    attempt: Mapped[int]
    stream: Mapped[Stream]
    level: Mapped[Level]
    text: Mapped[str] = mapped_column(Text)


class ArtifactRow(Row):
    __tablename__ = "artifact"
    __table_args__ = (UniqueConstraint("job_id", "name"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    job_id: Mapped[Id] = mapped_column(ForeignKey("job.id"))
    tenant_id: Mapped[TenantId]
    attempt: Mapped[int]
    name: Mapped[str] = mapped_column(String(255))
    format: Mapped[str] = mapped_column(String(32))
    media_type: Mapped[str] = mapped_column(String(100))
    blob_sha256: Mapped[BlobDigest]
    size_bytes: Mapped[int]
    facts: Mapped[Document]
    created_at: Mapped[datetime]

    @property
    def path(self) -> str:
        """Where it lies in the folder of a run, and wherever a user has the files of a job."""
        return f"artifacts/{self.name}" if "/" in self.name else self.name
