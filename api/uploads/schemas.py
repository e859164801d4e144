"""Uploads, as they are announced and shown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from api.answers import Answer, PageOf
from kd_core.spec.section import Section
from stillhouse.domain import uploads
from stillhouse.domain.declared import Declared
from stillhouse.domain.realm import ProjectName
from stillhouse.domain.uploads import UploadKind, UploadState
from stillhouse.store import UnitOfWork
from stillhouse.store.tables import UploadPartRow, UploadRow
from stillhouse.store.uploads import Received

MOST_BYTES = 2**53
FILENAME = r"^(?!\.{1,2}$)[^/\\\u0000-\u001f\u007f-\u009f]+$"


class NewUpload(Section):
    kind: Literal["model", "dataset"]
    """What it will be made into."""
    filename: Annotated[str, Declared(minLength=1, maxLength=255, pattern=FILENAME)]
    """The name of the file alone; its ending tells what is in it."""
    bytes: Annotated[int, Field(ge=1, le=MOST_BYTES)]
    """How many bytes there are in all."""
    sha256: Annotated[str, Declared(pattern="^[0-9a-f]{64}$")]
    """SHA-256 of all of them, as 64 lowercase hex digits."""
    part_size: Annotated[
        int, Declared(minimum=uploads.MIN_PART_BYTES, maximum=uploads.MAX_PART_BYTES)
    ] = uploads.DEFAULT_PART_BYTES
    """Bytes of each part but the last: 1 MiB to 64 MiB."""
    project: ProjectName | None = None
    """Whose it will be, and what is made of it. Left out: that of the key, or `default`."""


class UploadPart(Answer):
    number: int
    """Counted from 1."""
    bytes: int
    """How many arrived."""
    sha256: str
    """Their digest."""

    @classmethod
    def of(cls, part: UploadPartRow) -> Self:
        return cls(number=part.number, bytes=part.size_bytes, sha256=part.blob_sha256)


class UploadSummary(Answer):
    id: str
    """upl_..."""
    project: str
    """Whose it is."""
    kind: UploadKind
    """What it will be made into."""
    filename: str
    """As announced."""
    bytes: int
    """As announced."""
    bytes_received: int
    """How many of them are here."""
    sha256: str
    """As announced; checked when it is completed."""
    part_size: int
    """Bytes of each part but the last."""
    parts_expected: int
    """How many parts there will be."""
    parts_received: int
    """How many of them are here."""
    state: UploadState
    """open: takes parts; complete: can be made into something."""
    created_at: datetime
    """When it was announced."""
    expires_at: datetime
    """When it is forgotten; every part puts it off. What was made from it stays."""

    @classmethod
    def of(cls, upload: UploadRow, received: Received) -> Self:
        return cls(**_shown(upload, received))


class Upload(UploadSummary):
    parts: list[UploadPart]
    """Those that have arrived; empty again once it is complete."""

    @classmethod
    def with_parts(cls, uow: UnitOfWork, upload: UploadRow) -> Self:
        received = uow.uploads.received([upload])[upload.id]
        parts = [UploadPart.of(part) for part in uow.uploads.parts(upload)]
        return cls(**_shown(upload, received), parts=parts)


class UploadPage(PageOf[UploadSummary]):
    pass


def _shown(upload: UploadRow, received: Received) -> dict[str, Any]:
    return {
        "id": upload.id,
        "project": upload.project,
        "kind": upload.kind,
        "filename": upload.filename,
        "bytes": upload.size_bytes,
        "bytes_received": received.size_bytes,
        "sha256": upload.sha256,
        "part_size": upload.part_bytes,
        "parts_expected": uploads.part_count(upload.size_bytes, upload.part_bytes),
        "parts_received": received.parts,
        "state": upload.state,
        "created_at": upload.created_at,
        "expires_at": upload.expires_at,
    }
