"""The rules of uploads: room on the disk, bytes that are there already, parts into a whole."""

from __future__ import annotations

import errno
import shutil
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from api.services import Services
from api.uploads.schemas import NewUpload
from kd_core.errors import Problem
from stillhouse.domain.errors import (
    BlobCorrupted,
    BlobMissing,
    InsufficientStorage,
    Invalid,
    NotFound,
    TooLarge,
)
from stillhouse.domain.ids import Prefix, is_id
from stillhouse.domain.realm import Realm
from stillhouse.domain.uploads import UploadKind, UploadState
from stillhouse.store import DirectoryBlobs, ReadOnly, StoredBlob, UnitOfWork
from stillhouse.store.tables import UploadRow

RESERVE_BYTES = 64 << 20
"""What nobody may fill: the database lies on the same disk, as a rule."""


def announce(services: Services, uow: UnitOfWork, realm: Realm, new: NewUpload) -> UploadRow:
    """An open upload; or a complete one, when its key sees these very bytes already."""
    most = services.settings.max_upload_bytes
    if new.bytes > most:
        raise TooLarge(
            f"an upload of {new.bytes} bytes is larger than the {most} that are allowed here",
            hint="send less, or ask the operator to raise STILLHOUSE_MAX_UPLOAD_BYTES",
            most=most,
        )
    upload = uow.uploads.create(
        realm.narrowed(new.project),
        UploadKind(new.kind),
        filename=new.filename,
        size_bytes=new.bytes,
        sha256=new.sha256,
        part_bytes=new.part_size,
        ttl=services.settings.upload_ttl,
    )
    known = uow.blobs.belongs_to(realm, new.sha256)
    if known and services.blobs.size(new.sha256) == new.bytes:
        uow.blobs.register(new.sha256, new.bytes)
        return uow.uploads.complete(realm, upload.id, new.sha256, new.bytes)
    # The parts and the whole lie beside each other until the parts are swept away.
    check_room(services, upload.size_bytes * (1 if upload.size_bytes <= upload.part_bytes else 2))
    return upload


def complete(services: Services, realm: Realm, upload_id: str) -> UploadRow:
    """Put together what was sent. No transaction is open meanwhile: it takes as long as it takes.

    Asked for again, the answer is the same.
    """
    with ReadOnly(services.sessions) as uow:
        upload = uow.uploads.get(realm, upload_id)
        if upload.state is UploadState.COMPLETE:
            return upload
        digests = uow.uploads.plan(realm, upload_id)
    with full_disk_told():
        whole = _whole(services.blobs, upload, digests)
    with UnitOfWork(services.sessions) as uow:
        uow.blobs.register(whole.sha256, whole.size_bytes)
        return uow.uploads.complete(realm, upload_id, whole.sha256, whole.size_bytes)


def check_named(uow: UnitOfWork, realm: Realm, upload_id: str) -> UploadRow:
    """An upload that a body names, at `/upload`."""
    try:
        if is_id(upload_id, Prefix.UPLOAD):
            return uow.uploads.get(realm, upload_id)
    except NotFound:
        pass
    message = f"there is no upload {upload_id!r:.80}"
    hint = "POST /v1/uploads makes one; it is kept for a day after its last part"
    raise Invalid((Problem("unknown_upload", message, hint, "/upload"),))


@contextmanager
def full_disk_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise _no_room("the disk is full") from error


def check_room(services: Services, size_bytes: int) -> None:
    """Before the first of so many bytes is written."""
    if shutil.disk_usage(services.settings.blobs).free - RESERVE_BYTES < size_bytes:
        raise _no_room(f"there is no room for {size_bytes} bytes")


def _no_room(reason: str) -> InsufficientStorage:
    return InsufficientStorage(reason, hint="ask the operator for room, and send it again")


def _whole(blobs: DirectoryBlobs, upload: UploadRow, digests: Sequence[str]) -> StoredBlob:
    chunks = _joined(blobs, digests)
    if [*digests] == [upload.sha256]:  # its only part lies under its name already: it is looked at
        deque(chunks, maxlen=0)
        return StoredBlob(upload.sha256, upload.size_bytes)
    # With the announced digest: other bytes are refused, and nothing of them is kept.
    return blobs.put(chunks, max_bytes=upload.size_bytes, sha256=upload.sha256)


def _joined(blobs: DirectoryBlobs, digests: Sequence[str]) -> Iterator[bytes]:
    for digest in digests:
        try:
            yield from blobs.read_whole(digest)
        except (NotFound, BlobCorrupted):
            lost = f"a part that had arrived is lost: {digest}"
            raise BlobMissing(digest, lost, hint="send that part again") from None
