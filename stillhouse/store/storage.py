"""How much room things take, by what they are: counted over the rows, not over the disk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select

from stillhouse.domain.realm import Whose
from stillhouse.domain.uploads import UploadState
from stillhouse.store.belonging import within
from stillhouse.store.datasets import of_dataset
from stillhouse.store.repository import Repository
from stillhouse.store.tables import (
    ArtifactRow,
    BlobRow,
    DatasetVersionRow,
    JobRow,
    ModelRow,
    RecordingRow,
    UploadPartRow,
    UploadRow,
)


class Room(NamedTuple):
    kind: str
    files: int
    size_bytes: int


class Storage(Repository):
    def rooms(self, whose: Whose) -> list[Room]:
        """Bytes that several things share count in each of them."""
        found = [(kind, self._session.execute(sums).one()) for kind, sums in _sums(whose)]
        return [Room(kind, count, int(size or 0)) for kind, (count, size) in found]


def _sums(whose: Whose) -> Iterator[tuple[str, Select[Any]]]:
    yield "models", _sum(ModelRow.size_bytes).where(within(whose, ModelRow))
    yield "datasets", _sum(DatasetVersionRow.size_bytes).where(of_dataset(whose))
    made = _sum(ArtifactRow.size_bytes).join(JobRow, JobRow.id == ArtifactRow.job_id)
    made = made.where(within(whose, JobRow))
    yield "artifacts", made.where(JobRow.deleted_at.is_(None))
    saved = _sum(BlobRow.size_bytes).join(JobRow, JobRow.checkpoint_blob == BlobRow.sha256)
    yield "checkpoints", saved.where(within(whose, JobRow), JobRow.deleted_at.is_(None))
    sent = _sum(UploadPartRow.size_bytes).join(UploadRow, UploadRow.id == UploadPartRow.upload_id)
    yield "uploads", sent.where(within(whose, UploadRow), UploadRow.state == UploadState.OPEN)
    yield "recordings", _sum(RecordingRow.size_bytes).where(within(whose, RecordingRow))
    yield "trash", made.where(JobRow.deleted_at.is_not(None))


def _sum(column: Any) -> Select[Any]:
    return select(func.count(), func.sum(column)).select_from(column.class_)
