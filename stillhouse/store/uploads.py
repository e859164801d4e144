"""Uploads: announced, received in parts in any order, completed once, gone a day later."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, delete, func, select, update

from kd_core.errors import Problem
from stillhouse.domain import uploads
from stillhouse.domain.errors import (
    DigestMismatch,
    Invalid,
    NotFound,
    TooLarge,
    UploadClosed,
    UploadIncomplete,
)
from stillhouse.domain.ids import Prefix
from stillhouse.domain.pages import Cursor, Page
from stillhouse.domain.realm import DEFAULT_PROJECT, Realm, Whose
from stillhouse.domain.uploads import UploadKind, UploadState
from stillhouse.store.belonging import within
from stillhouse.store.clock import later, now
from stillhouse.store.repository import Repository
from stillhouse.store.tables import UploadPartRow, UploadRow

TTL = timedelta(hours=24)
SHOWN_NUMBERS = 20


class Received(NamedTuple):
    parts: int
    size_bytes: int


class Uploads(Repository):
    def create(
        self,
        whose: Whose,
        kind: UploadKind,
        *,
        filename: str,
        size_bytes: int,
        sha256: str,
        part_bytes: int = uploads.DEFAULT_PART_BYTES,
        ttl: timedelta = TTL,
    ) -> UploadRow:
        realm = Realm.of(whose)
        uploads.check_parts(size_bytes, part_bytes)
        upload = UploadRow(
            id=self._mint(Prefix.UPLOAD),
            tenant_id=realm.tenant_id,
            project=realm.project or DEFAULT_PROJECT,
            kind=kind,
            filename=uploads.check_filename(filename),
            size_bytes=size_bytes,
            sha256=uploads.check_digest(sha256, "/sha256"),
            part_bytes=part_bytes,
            state=UploadState.OPEN,
            version=1,
            created_at=now(),
            expires_at=later(ttl.total_seconds()),
        )
        self._add(upload)
        return upload

    def get(self, whose: Whose, upload_id: str) -> UploadRow:
        return self._found(upload_id, self._one(select(UploadRow).where(*_owned(whose, upload_id))))

    def page(
        self,
        whose: Whose,
        *,
        state: UploadState | None = None,
        limit: int = 50,
        cursor: Cursor | None = None,
    ) -> Page[UploadRow]:
        mine = select(UploadRow).where(within(whose, UploadRow), _is_in_time())
        if state is not None:
            mine = mine.where(UploadRow.state == state)
        return self._page(mine, UploadRow.created_at, UploadRow.id, limit, cursor)

    def received(self, uploads_: Collection[UploadRow]) -> Mapping[str, Received]:
        """How much of each there is, in one question. Of a complete one, all of it."""
        counted = (
            select(UploadPartRow.upload_id, func.count(), func.sum(UploadPartRow.size_bytes))
            .where(UploadPartRow.upload_id.in_([upload.id for upload in uploads_]))
            .group_by(UploadPartRow.upload_id)
        )
        found = {row[0]: Received(row[1], int(row[2])) for row in self._session.execute(counted)}
        return {upload.id: _received(upload, found.get(upload.id)) for upload in uploads_}

    def parts(self, upload: UploadRow) -> list[UploadPartRow]:
        received = select(UploadPartRow).where(UploadPartRow.upload_id == upload.id)
        return self._all(received.order_by(UploadPartRow.number))

    def expect_part(self, whose: Whose, upload_id: str, number: int) -> int:
        """The exact bytes of a part, or why none is taken: asked before its first byte is read."""
        upload = self.get(whose, upload_id)
        _check_open(upload)
        return uploads.part_length(number, upload.size_bytes, upload.part_bytes)

    def record_part(
        self,
        whose: Whose,
        upload_id: str,
        number: int,
        sha256: str,
        size_bytes: int,
        *,
        ttl: timedelta = TTL,
    ) -> UploadPartRow:
        """The part is in the blob store, registered. Sent again, the later bytes are the part."""
        upload = self._locked(whose, upload_id)
        _check_open(upload)
        expected = uploads.part_length(number, upload.size_bytes, upload.part_bytes)
        if size_bytes > expected:
            raise TooLarge(f"part {number} has {size_bytes} bytes; it should have {expected}")
        if size_bytes < expected:
            message = f"part {number} has {size_bytes} bytes; it should have {expected}"
            raise Invalid((Problem("wrong_size", message, "send the part whole"),))
        values = {"blob_sha256": sha256, "size_bytes": size_bytes, "received_at": now()}
        insert = self._insert(UploadPartRow).values(
            upload_id=upload.id, number=number, tenant_id=upload.tenant_id, **values
        )
        part: UploadPartRow = self._one(
            insert.on_conflict_do_update(
                index_elements=["upload_id", "number"], set_=values
            ).returning(UploadPartRow)
        )
        self._write(upload, expires_at=later(ttl.total_seconds()))
        return part

    def plan(self, whose: Whose, upload_id: str) -> Sequence[str]:
        """The digests of all parts in order, to be put together; or which are still missing."""
        upload = self.get(whose, upload_id)
        _check_open(upload)
        received = {part.number: part.blob_sha256 for part in self.parts(upload)}
        count = uploads.part_count(upload.size_bytes, upload.part_bytes)
        missing = [number for number in range(1, count + 1) if number not in received]
        if missing:
            shown = ", ".join(map(str, missing[:SHOWN_NUMBERS]))
            more = f" and {len(missing) - SHOWN_NUMBERS} more" * (len(missing) > SHOWN_NUMBERS)
            raise UploadIncomplete(
                f"{len(missing)} of {count} parts are missing: {shown}{more}",
                hint="PUT them, then complete again",
                missing=missing[:SHOWN_NUMBERS],
            )
        return [received[number] for number in range(1, count + 1)]

    def complete(self, whose: Whose, upload_id: str, sha256: str, size_bytes: int) -> UploadRow:
        """The whole is in the blob store, registered. The parts are not needed any more."""
        upload = self._locked(whose, upload_id)
        if upload.state is UploadState.COMPLETE:
            return upload
        if (sha256, size_bytes) != (upload.sha256, upload.size_bytes):
            raise DigestMismatch(
                f"the parts make {size_bytes} bytes with SHA-256 {sha256}; "
                f"{upload.size_bytes} bytes with {upload.sha256} were announced",
                hint="send the parts that differ again, or make a new upload",
            )
        self._drop_parts(upload.id)
        return self._write(
            upload, state=UploadState.COMPLETE, blob_sha256=sha256, completed_at=now()
        )

    def take(self, whose: Whose, upload_id: str, kind: UploadKind) -> UploadRow:
        """A complete upload of this kind, for a model or a data set to be made from."""
        upload = self._locked(whose, upload_id)
        if upload.kind is not kind:
            message = f"{upload_id} was announced as a {upload.kind}, not as a {kind}"
            hint = f"upload it with kind: {kind}"
            raise Invalid((Problem("wrong_kind", message, hint, "/upload"),))
        if upload.state is not UploadState.COMPLETE:
            raise UploadIncomplete(
                f"the upload {upload_id} is not complete",
                hint=f"POST /v1/uploads/{upload_id}/complete first",
            )
        return upload

    def delete(self, whose: Whose, upload_id: str) -> None:
        upload = self._locked(whose, upload_id)
        self._drop_parts(upload.id)
        self._count(delete(UploadRow).where(UploadRow.id == upload.id))

    def expire(self, limit: int = 100) -> list[str]:
        """Forget uploads whose time is over; what was made from them has its own hold on it."""
        overdue = (
            select(UploadRow)
            .where(UploadRow.expires_at < now())
            .order_by(UploadRow.expires_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        expired = [upload.id for upload in self._all(overdue)]
        for upload_id in expired:
            self._drop_parts(upload_id)
        self._count(delete(UploadRow).where(UploadRow.id.in_(expired)))
        return expired

    def _drop_parts(self, upload_id: str) -> None:
        self._count(delete(UploadPartRow).where(UploadPartRow.upload_id == upload_id))

    def _locked(self, whose: Whose, upload_id: str) -> UploadRow:
        mine = select(UploadRow).where(*_owned(whose, upload_id)).with_for_update()
        return self._found(upload_id, self._one(mine))

    def _found(self, upload_id: str, upload: UploadRow | None) -> UploadRow:
        if upload is None:
            raise NotFound("upload", upload_id)
        return upload

    def _write(self, upload: UploadRow, **values: Any) -> UploadRow:
        written: UploadRow = self._one(
            update(UploadRow)
            .where(UploadRow.id == upload.id)
            .values(version=UploadRow.version + 1, **values)
            .returning(UploadRow)
        )
        return written


def _owned(whose: Whose, upload_id: str) -> tuple[Any, Any]:
    return within(whose, UploadRow) & (UploadRow.id == upload_id), _is_in_time()


def _is_in_time() -> ColumnElement[bool]:
    """Past its time it is gone, whether or not it was swept away yet."""
    return UploadRow.expires_at >= now()


def _received(upload: UploadRow, parts: Received | None) -> Received:
    if upload.state is UploadState.COMPLETE:
        count = uploads.part_count(upload.size_bytes, upload.part_bytes)
        return Received(count, upload.size_bytes)
    return parts or Received(0, 0)


def _check_open(upload: UploadRow) -> None:
    if upload.state is not UploadState.OPEN:
        raise UploadClosed(
            f"the upload {upload.id} is {upload.state} and takes no more parts",
            hint="make a new upload",
        )
