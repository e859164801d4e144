"""Data sets that users bring: a name, and immutable versions that are each checked once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update

from stillhouse.domain.errors import NotFound
from stillhouse.domain.ids import Prefix
from stillhouse.domain.pages import Cursor, Page
from stillhouse.domain.realm import Whose
from stillhouse.domain.uploads import UploadKind
from stillhouse.store.belonging import within
from stillhouse.store.clock import now
from stillhouse.store.models import CHECK_QUEUE
from stillhouse.store.outbox import put_up, take_down
from stillhouse.store.repository import Repository
from stillhouse.store.tables import DatasetRow, DatasetVersionRow, UploadRow
from stillhouse.store.tables.library import CheckState
from stillhouse.store.tables.machinery import Bell
from stillhouse.store.uploads import Uploads
from stillhouse.store.usage import refuse_if_used


class Datasets(Repository):
    def create(
        self, whose: Whose, upload_id: str, *, name: str, declared: Mapping[str, Any]
    ) -> DatasetVersionRow:
        """A data set, in the project of its upload, and its version 1, in `checking`, with its
        bell.
        """
        upload = self._taken(whose, upload_id)
        dataset = DatasetRow(
            id=self._mint(Prefix.DATASET),
            tenant_id=upload.tenant_id,
            project=upload.project,
            name=name,
            latest_version=0,
            version=0,
            created_at=now(),
        )
        self._add(dataset)
        return self._versioned(whose, dataset.id, upload, declared)

    def add_version(
        self, whose: Whose, dataset_id: str, upload_id: str, *, declared: Mapping[str, Any]
    ) -> DatasetVersionRow:
        return self._versioned(whose, dataset_id, self._taken(whose, upload_id), declared)

    def _taken(self, whose: Whose, upload_id: str) -> UploadRow:
        uploads = Uploads(self._session, self._random_bytes)
        return uploads.take(whose, upload_id, UploadKind.DATASET)

    def _versioned(
        self, whose: Whose, dataset_id: str, upload: UploadRow, declared: Mapping[str, Any]
    ) -> DatasetVersionRow:
        dataset = self._counted_up(whose, dataset_id)
        version = DatasetVersionRow(
            dataset_id=dataset.id,
            number=dataset.latest_version,
            tenant_id=dataset.tenant_id,
            filename=upload.filename,
            blob_sha256=upload.blob_sha256,
            size_bytes=upload.size_bytes,
            state=CheckState.CHECKING,
            declared=dict(declared),
            check_attempt=0,
            version=1,
            created_at=now(),
        )
        self._add(version)
        put_up(self._session, Bell.DATASET_CHECK, version.id, CHECK_QUEUE)
        return version

    def get(self, whose: Whose, dataset_id: str) -> DatasetRow:
        return _found(dataset_id, self._one(select(DatasetRow).where(*_owned(whose, dataset_id))))

    def versions(self, whose: Whose, dataset_id: str) -> list[DatasetVersionRow]:
        """Newest first."""
        return self.versions_of(whose, [dataset_id])[dataset_id]

    def versions_of(
        self, whose: Whose, dataset_ids: Collection[str]
    ) -> dict[str, list[DatasetVersionRow]]:
        """Of several data sets at once, newest first."""
        theirs = select(DatasetVersionRow).where(
            of_dataset(whose), DatasetVersionRow.dataset_id.in_(dataset_ids)
        )
        found: dict[str, list[DatasetVersionRow]] = {one: [] for one in dataset_ids}
        for version in self._all(theirs.order_by(DatasetVersionRow.number.desc())):
            found[version.dataset_id].append(version)
        return found

    def version(self, whose: Whose, dataset_id: str, number: int) -> DatasetVersionRow:
        version: DatasetVersionRow | None = self._one(
            select(DatasetVersionRow).where(
                of_dataset(whose),
                DatasetVersionRow.dataset_id == dataset_id,
                DatasetVersionRow.number == number,
            )
        )
        if version is None:
            raise NotFound("data set version", f"{dataset_id}@{number}")
        return version

    def page(
        self, whose: Whose, *, limit: int = 50, cursor: Cursor | None = None
    ) -> Page[DatasetRow]:
        mine = select(DatasetRow).where(within(whose, DatasetRow))
        return self._page(mine, DatasetRow.created_at, DatasetRow.id, limit, cursor)

    def delete(self, whose: Whose, dataset_id: str) -> None:
        """All versions of it. Refused with `InUse` while a job that is not over reads one."""
        mine = select(DatasetRow).where(*_owned(whose, dataset_id)).with_for_update()
        dataset = _found(dataset_id, self._one(mine))
        versions = select(DatasetVersionRow).where(DatasetVersionRow.dataset_id == dataset.id)
        # A job that is being created holds its version, so this waits until it is known.
        locked = self._all(versions.order_by(DatasetVersionRow.number).with_for_update())
        refuse_if_used(self._session, whose, "data set", dataset.id)
        for version in locked:
            take_down(self._session, Bell.DATASET_CHECK, version.id)
        self._count(delete(DatasetVersionRow).where(DatasetVersionRow.dataset_id == dataset.id))
        self._count(delete(DatasetRow).where(DatasetRow.id == dataset.id))

    def _counted_up(self, whose: Whose, dataset_id: str) -> DatasetRow:
        next_version = (
            update(DatasetRow)
            .where(*_owned(whose, dataset_id))
            .values(latest_version=DatasetRow.latest_version + 1, version=DatasetRow.version + 1)
            .returning(DatasetRow)
        )
        return _found(dataset_id, self._one(next_version))


def of_dataset(whose: Whose) -> ColumnElement[bool]:
    """Of versions: those whose data set is within the realm."""
    mine = select(DatasetRow.id).where(within(whose, DatasetRow))
    return DatasetVersionRow.dataset_id.in_(mine)


def _owned(whose: Whose, dataset_id: str) -> tuple[Any, Any]:
    return within(whose, DatasetRow), DatasetRow.id == dataset_id


def _found(dataset_id: str, dataset: DatasetRow | None) -> DatasetRow:
    if dataset is None:
        raise NotFound("data set", dataset_id)
    return dataset
