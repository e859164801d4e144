"""What keeps the service going: bells to ring, workers, and locks that run out."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from stillhouse.store.tables.row import Counter, Document, Id, Listing, Row


class Bell(StrEnum):
    """What there is to do; a worker that hears it looks into the database for the rest."""

    JOB = "job"
    MODEL_CHECK = "model_check"
    DATASET_CHECK = "dataset_check"


class OutboxRow(Row):
    """A bell that must be rung, again and again, until somebody came for what it is about."""

    __tablename__ = "outbox"
    __table_args__ = (UniqueConstraint("bell", "subject"),)

    id: Mapped[Counter]
    bell: Mapped[Bell]
    subject: Mapped[str] = mapped_column(String(64))
    queue: Mapped[str] = mapped_column(String(8))
    rings: Mapped[int]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)


class WorkerState(StrEnum):
    ACTIVE = "active"
    DRAINING = "draining"
    GONE = "gone"


class WorkerRow(Row):
    """One life of one worker process: a restart is a new row, and the older life is gone."""

    __tablename__ = "worker"
    __table_args__ = (Index(None, "name", "state"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int]
    queues: Mapped[Listing]
    slots: Mapped[int]
    facts: Mapped[Document]
    state: Mapped[WorkerState]
    started_at: Mapped[datetime]
    heartbeat_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]


class LockRow(Row):
    """Held by one process until a moment; whoever comes after that moment may take it."""

    __tablename__ = "lock"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(100))
    until: Mapped[datetime]
