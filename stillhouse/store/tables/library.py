"""What users bring: uploads, and the models and data sets that are made from them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from stillhouse.domain.uploads import UploadKind, UploadState
from stillhouse.store.tables.row import (
    BlobDigest,
    Digest,
    Document,
    Id,
    Listing,
    Owned,
    Row,
    TenantId,
)


class BlobRow(Row):
    """Bytes that are in the blob store. Who needs them is asked of the rows that name them."""

    __tablename__ = "blob"

    sha256: Mapped[Digest] = mapped_column(primary_key=True)
    size_bytes: Mapped[int]
    created_at: Mapped[datetime]
    last_put_at: Mapped[datetime] = mapped_column(index=True)


class UploadRow(Owned, Row):
    __tablename__ = "upload"
    __table_args__ = (
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "project", "created_at", "id"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    kind: Mapped[UploadKind]
    filename: Mapped[str] = mapped_column(String(255))
    size_bytes: Mapped[int]
    sha256: Mapped[Digest]
    part_bytes: Mapped[int]
    state: Mapped[UploadState]
    blob_sha256: Mapped[BlobDigest | None]
    version: Mapped[int]
    created_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class UploadPartRow(Row):
    """A part that arrived. Its bytes are a blob like any other until the upload is complete."""

    __tablename__ = "upload_part"

    upload_id: Mapped[Id] = mapped_column(ForeignKey("upload.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[TenantId]
    blob_sha256: Mapped[BlobDigest]
    size_bytes: Mapped[int]
    received_at: Mapped[datetime]


class CheckState(StrEnum):
    CHECKING = "checking"
    READY = "ready"
    REJECTED = "rejected"


class Checked:
    """Columns of what a worker looks at once, before a job may use it."""

    state: Mapped[CheckState]
    declared: Mapped[Document]
    facts: Mapped[Document | None]
    problems: Mapped[Listing | None]
    check_attempt: Mapped[int]
    check_owner: Mapped[Id | None]
    check_until: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    version: Mapped[int]


class ModelRow(Checked, Owned, Row):
    __tablename__ = "model"
    __table_args__ = (
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "project", "created_at", "id"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    filename: Mapped[str] = mapped_column(String(255))
    blob_sha256: Mapped[BlobDigest]
    size_bytes: Mapped[int]
    created_at: Mapped[datetime]


class DatasetRow(Owned, Row):
    __tablename__ = "dataset"
    __table_args__ = (
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "project", "created_at", "id"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    latest_version: Mapped[int]
    version: Mapped[int]
    created_at: Mapped[datetime]


class DatasetVersionRow(Checked, Row):
    """Immutable once it is ready: a job names the version that it was written for."""

    __tablename__ = "dataset_version"

    dataset_id: Mapped[Id] = mapped_column(ForeignKey("dataset.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[TenantId]
    filename: Mapped[str] = mapped_column(String(255))
    blob_sha256: Mapped[BlobDigest]
    size_bytes: Mapped[int]
    created_at: Mapped[datetime]

    @property
    def id(self) -> str:
        """As a specification names it."""
        return f"{self.dataset_id}@{self.number}"
