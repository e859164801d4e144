"""Parts on their way in: a raw body, counted and hashed as it arrives, kept whole or not at all."""

from __future__ import annotations

import base64
import binascii
import re

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from api.body_limit import body_of
from api.services import Services
from api.uploads.service import check_room, full_disk_told
from kd_core.errors import Problem
from kd_core.problems import shown
from stillhouse.domain.errors import Invalid, Malformed, TooLarge
from stillhouse.domain.realm import Realm
from stillhouse.domain.uploads import MAX_PART_BYTES
from stillhouse.store import BlobWriter, ReadOnly, StoredBlob, UnitOfWork
from stillhouse.store.tables import UploadPartRow

# One hop into a thread for so many bytes: a hop for every packet would cost more than the disk.
WRITTEN_AT_ONCE = 1 << 20
DIGEST_BYTES = 32

_SHA256 = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]*):\s*(?:,|$)")


async def receive(
    services: Services,
    realm: Realm,
    upload_id: str,
    number: int,
    request: Request,
    content_digest: str | None,
) -> UploadPartRow:
    """The body waits on the network without a thread and without a transaction."""
    expected = await run_in_threadpool(_expected, services, realm, upload_id, number)
    body = body_of(request)
    body.allowed = MAX_PART_BYTES
    _check_announced(number, expected, body.announced)
    sha256 = read_digest(content_digest) if content_digest is not None else None
    with full_disk_told(), services.blobs.writer(max_bytes=expected, sha256=sha256) as writer:
        await _write(writer, number, expected, request)
        stored = await run_in_threadpool(writer.finish)
    return await run_in_threadpool(_record, services, realm, upload_id, number, stored)


def read_digest(header: str) -> str:
    """RFC 9530: `sha-256=:<base64>:`, as hex digits."""
    found = _SHA256.search(header)
    try:
        digest = base64.b64decode(found[1], validate=True) if found else b""
    except binascii.Error:
        digest = b""
    if len(digest) != DIGEST_BYTES:
        raise Malformed(
            f"Content-Digest is {shown(header)}",
            hint="write sha-256=:<base64 of the 32 bytes>:, or leave it out",
        )
    return digest.hex()


def _expected(services: Services, realm: Realm, upload_id: str, number: int) -> int:
    with ReadOnly(services.sessions) as uow:
        expected = uow.uploads.expect_part(realm, upload_id, number)
    check_room(services, expected)
    return expected


async def _write(writer: BlobWriter, number: int, expected: int, request: Request) -> None:
    got, waiting = 0, bytearray()
    async for chunk in request.stream():
        got += len(chunk)
        if got > expected:
            raise _too_large(number, expected, f"more than {expected}")
        waiting += chunk
        if len(waiting) >= WRITTEN_AT_ONCE:
            await run_in_threadpool(writer.write, bytes(waiting))
            waiting.clear()
    if got < expected:
        raise _too_small(number, expected, got)
    await run_in_threadpool(writer.write, bytes(waiting))


def _record(
    services: Services, realm: Realm, upload_id: str, number: int, stored: StoredBlob
) -> UploadPartRow:
    with UnitOfWork(services.sessions) as uow:
        uow.blobs.register(stored.sha256, stored.size_bytes)
        return uow.uploads.record_part(
            realm,
            upload_id,
            number,
            stored.sha256,
            stored.size_bytes,
            ttl=services.settings.upload_ttl,
        )


def _check_announced(number: int, expected: int, announced: int | None) -> None:
    """Known before the first byte, where the client says how many there will be."""
    if announced is None or announced == expected:
        return
    if announced > expected:
        raise _too_large(number, expected, str(announced))
    raise _too_small(number, expected, announced)


def _too_large(number: int, expected: int, got: str) -> TooLarge:
    return TooLarge(
        f"part {number} has {got} bytes; it should have {expected}",
        hint="cut the file at every part_size bytes",
        expected=expected,
    )


def _too_small(number: int, expected: int, got: int) -> Invalid:
    message = f"part {number} has {got} bytes; it should have {expected}"
    return Invalid((Problem("wrong_size", message, "send the part whole"),))
