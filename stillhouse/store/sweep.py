"""Housekeeping: bytes that nobody needs leave the disk, and nothing that is in use ever does."""

from __future__ import annotations

from datetime import datetime, timedelta

from stillhouse.store.blobs import BlobStore
from stillhouse.store.engine import Sessions
from stillhouse.store.unit_of_work import ReadOnly, UnitOfWork

GRACE = timedelta(hours=1)
"""Longer than anybody takes from putting bytes to naming them in a row."""


def sweep(
    sessions: Sessions, blobs: BlobStore, at: datetime, grace: timedelta = GRACE
) -> list[str]:
    """Delete blobs that no row needs, and files that never got a row; the digests of both."""
    with ReadOnly(sessions) as uow:
        idle = uow.blobs.unreferenced(grace)
    for sha256 in idle:
        with UnitOfWork(sessions) as uow:
            uow.blobs.forget(sha256, grace)
    # Row first, then file: a crash between the two leaves a stray, which the next sweep finds.
    return [
        sha256 for sha256 in _strays(sessions, blobs) if blobs.delete(sha256, put_before=at - grace)
    ]


def _strays(sessions: Sessions, blobs: BlobStore) -> list[str]:
    present = list(blobs.digests())
    with ReadOnly(sessions) as uow:
        return [sha256 for sha256 in present if uow.blobs.size(sha256) is None]
