"""Data sets and their versions, as they are registered and shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from api.answers import Answer, PageOf, ReportedProblem
from api.models.schemas import Name, UploadNamed
from kd_core.spec.section import Section
from stillhouse.store.tables import DatasetRow, DatasetVersionRow
from stillhouse.store.tables.library import CheckState


class NewDataset(Section):
    upload: UploadNamed
    """upl_...: a complete upload of kind dataset."""
    name: Name
    """What people call it."""
    unlabelled: bool = False
    """The images alone: folders are no classes, and only losses without labels can use it."""


class NewDatasetVersion(Section):
    upload: UploadNamed
    """upl_...: a complete upload of kind dataset."""


class DatasetVersion(Answer):
    version: int
    """Counted from 1."""
    ref: str
    """ds_...@1: what `data.dataset` names."""
    state: CheckState
    """checking: a worker looks at it; ready: jobs may use it; rejected: `problems` tells why."""
    facts: dict[str, Any] | None
    """What the check found: classes, samples, labels; null until it is ready."""
    problems: list[ReportedProblem]
    """Why it was rejected; else empty."""
    bytes: int
    """The size of the file."""
    sha256: str
    """The digest of the file."""
    created_at: datetime
    """When it was registered."""

    @classmethod
    def of(cls, version: DatasetVersionRow) -> Self:
        return cls(
            version=version.number,
            ref=version.id,
            state=version.state,
            facts=version.facts,
            problems=[ReportedProblem.read(problem) for problem in version.problems or ()],
            bytes=version.size_bytes,
            sha256=version.blob_sha256,
            created_at=version.created_at,
        )


class Dataset(Answer):
    id: str
    """ds_..."""
    project: str
    """That of its first upload."""
    name: str
    """What people call it."""
    created_at: datetime
    """When its first version was registered."""
    versions: list[DatasetVersion]
    """Newest first; each is immutable."""

    @classmethod
    def of(cls, dataset: DatasetRow, versions: Sequence[DatasetVersionRow]) -> Self:
        return cls(
            id=dataset.id,
            project=dataset.project,
            name=dataset.name,
            created_at=dataset.created_at,
            versions=[DatasetVersion.of(version) for version in versions],
        )


class DatasetPage(PageOf[Dataset]):
    pass
