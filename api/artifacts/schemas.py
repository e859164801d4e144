"""Artifacts, as they are shown."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from api.addresses import at
from api.answers import Answer
from stillhouse.store.tables import ArtifactRow


class ArtifactLinks(Answer):
    content: str
    """Where the bytes are."""


class Artifact(Answer):
    id: str
    """art_..."""
    job_id: str
    """The job that made it."""
    name: str
    """Its name, one of a kind in its job."""
    format: str
    """What kind of file it is: safetensors, onnx, json, markdown ..."""
    path: str
    """Where it lies in the folder of its job's files: the place it has in the bundle."""
    bytes: int
    """The size of the file."""
    sha256: str
    """The digest of the file."""
    media_type: str
    """What the content is served as."""
    created_at: datetime
    """When it was made."""
    links: ArtifactLinks
    """Where to go from here."""

    @classmethod
    def of(cls, artifact: ArtifactRow) -> Self:
        return cls(
            id=artifact.id,
            job_id=artifact.job_id,
            name=artifact.name,
            format=artifact.format,
            path=artifact.path,
            bytes=artifact.size_bytes,
            sha256=artifact.blob_sha256,
            media_type=artifact.media_type,
            created_at=artifact.created_at,
            links=ArtifactLinks(content=at(f"/v1/artifacts/{artifact.id}/content")),
        )


class ArtifactList(Answer):
    data: list[Artifact]
    """Everything that the job has made so far, by name."""
