"""What teachers have answered, kept for the next job that would ask the same."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from stillhouse.store.tables.row import BlobDigest, Digest, Id, Owned, Row, TenantId


class RecordingRow(Owned, Row):
    __tablename__ = "recording"
    __table_args__ = (
        Index(None, "tenant_id", "project", "hint", "last_used_at"),
        Index(None, "tenant_id", "last_used_at"),
    )

    tenant_id: Mapped[TenantId] = mapped_column(primary_key=True)
    project: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[Digest] = mapped_column(primary_key=True)
    """Of everything that its bytes follow from, as the trainer says."""
    hint: Mapped[Digest]
    """Of what a worker knows of a job before it runs: where jobs with this hint look."""
    job_id: Mapped[Id]
    """Which made it."""
    blob_sha256: Mapped[BlobDigest]
    size_bytes: Mapped[int]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
