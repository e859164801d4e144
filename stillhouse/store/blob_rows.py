"""Which blobs there are, and which of them no row needs any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, not_, or_, select
from sqlalchemy.exc import IntegrityError

from stillhouse.domain.realm import Whose
from stillhouse.domain.uploads import check_digest
from stillhouse.store.belonging import within
from stillhouse.store.clock import later, now
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

REFERENCES = (
    UploadPartRow.blob_sha256,
    UploadRow.blob_sha256,
    ModelRow.blob_sha256,
    DatasetVersionRow.blob_sha256,
    ArtifactRow.blob_sha256,
    JobRow.checkpoint_blob,
    RecordingRow.blob_sha256,
)

OWNERS = (
    (UploadRow, UploadRow.blob_sha256),
    (ModelRow, ModelRow.blob_sha256),
    (DatasetVersionRow, DatasetVersionRow.blob_sha256),
    (ArtifactRow, ArtifactRow.blob_sha256),
)


class Blobs(Repository):
    def register(self, sha256: str, size_bytes: int) -> None:
        """These bytes are in the blob store: before any row names them, in its transaction."""
        insert = self._insert(BlobRow).values(
            sha256=check_digest(sha256), size_bytes=size_bytes, created_at=now(), last_put_at=now()
        )
        self._count(
            insert.on_conflict_do_update(index_elements=["sha256"], set_={"last_put_at": now()})
        )

    def size(self, sha256: str) -> int | None:
        """How many bytes, of a blob that is registered."""
        size: int | None = self._one(select(BlobRow.size_bytes).where(BlobRow.sha256 == sha256))
        return size

    def belongs_to(self, whose: Whose, sha256: str) -> bool:
        """Whether they have brought or made these bytes; what others have is not told."""
        made = select(ArtifactRow.id).join(JobRow, JobRow.id == ArtifactRow.job_id)
        owned = (
            select(UploadRow.id).where(within(whose, UploadRow), UploadRow.blob_sha256 == sha256),
            select(ModelRow.id).where(within(whose, ModelRow), ModelRow.blob_sha256 == sha256),
            select(DatasetVersionRow.dataset_id).where(
                of_dataset(whose), DatasetVersionRow.blob_sha256 == sha256
            ),
            made.where(within(whose, JobRow), ArtifactRow.blob_sha256 == sha256),
        )
        return any(self._all(one.limit(1)) for one in owned)

    def references(self, sha256: str) -> int:
        """How many rows need it."""
        counts = (select(column).where(column == sha256) for column in REFERENCES)
        return sum(len(self._all(count)) for count in counts)

    def needed_by(self, sha256: str) -> list[str]:
        """The ids of what users have brought or made with these bytes."""
        return [
            row.id
            for table, column in OWNERS
            for row in self._all(select(table).where(column == sha256))
        ]

    def unreferenced(self, older_than: timedelta, limit: int = 100) -> list[str]:
        """Blobs that no row needs, and that nobody can be about to name."""
        idle = select(BlobRow.sha256).where(*_idle(older_than))
        return self._all(idle.order_by(BlobRow.last_put_at).limit(limit))

    def forget(self, sha256: str, older_than: timedelta) -> bool:
        """Take it off the books if it is still idle; delete the bytes after the commit."""
        idle = delete(BlobRow).where(BlobRow.sha256 == sha256, *_idle(older_than))
        try:
            with self._session.begin_nested():
                return self._count(idle) == 1
        except IntegrityError:  # a row that names it was committed while we looked
            return False


def _idle(older_than: timedelta) -> tuple[ColumnElement[bool], Any]:
    needed = [exists().where(column == BlobRow.sha256) for column in REFERENCES]
    return not_(or_(*needed)), BlobRow.last_put_at < later(-older_than.total_seconds())
