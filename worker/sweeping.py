"""Sweeping: what is too old or too much, and then the blobs that no row needs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog

from worker.station import Station

UNTOUCHED = timedelta(hours=1)
"""Longer than anybody takes between putting a blob and naming it."""
AT_ONCE = 100

log = structlog.get_logger(__name__)


def forget_uploads(station: Station) -> list[str]:
    with station.books() as uow:
        expired = uow.uploads.expire(AT_ONCE)
    if expired:
        log.info("uploads.expired", uploads=expired)
    return expired


def forget_answers(station: Station) -> int:
    """Those that were kept for a repetition, and are too old for one."""
    with station.books() as uow:
        return uow.idempotency.purge()


def empty_trash(station: Station) -> Sequence[str]:
    with station.books() as uow:
        gone = uow.trash.empty(station.settings.trash_ttl)
    if gone:
        log.info("trash.emptied", jobs=gone)
    return gone


def forget_recordings(station: Station) -> int:
    """Their blobs go later, as all that no row names."""
    with station.books() as uow:
        forgotten = uow.recordings.evict(station.settings.recordings_bytes)
    if forgotten:
        log.info("recordings.forgotten", count=forgotten)
    return forgotten


def forget_blobs(station: Station, untouched: timedelta = UNTOUCHED) -> list[str]:
    """First off the books, then off the disk: a crash between leaves bytes, never a broken row."""
    with station.reading() as uow:
        idle = uow.blobs.unreferenced(untouched, AT_ONCE)
    gone = []
    for sha256 in idle:
        before = datetime.now(UTC) - untouched
        with station.books() as uow:
            forgotten = uow.blobs.forget(sha256, untouched)
        if forgotten and station.blobs.delete(sha256, put_before=before):
            gone.append(sha256)
    if gone:
        log.info("blobs.deleted", count=len(gone))
    return gone


def forget_strays(station: Station, untouched: timedelta = UNTOUCHED) -> list[str]:
    """Bytes that no row ever named, or whose row was forgotten by a process that then died."""
    before = datetime.now(UTC) - untouched
    gone = []
    for sha256 in station.blobs.digests():
        with station.reading() as uow:
            known = uow.blobs.size(sha256) is not None
        if not known and station.blobs.delete(sha256, put_before=before):
            gone.append(sha256)
    return gone


def discard_abandoned(station: Station, untouched: timedelta = UNTOUCHED) -> int:
    return station.blobs.discard_abandoned(datetime.now(UTC) - untouched)
