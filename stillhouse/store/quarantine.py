"""Quarantine: damaged blobs, kept for the operator, where nothing serves or finds them."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Quarantined:
    sha256: str
    """What the bytes should have had."""
    size_bytes: int
    since: datetime
    path: Path


class Quarantine:
    """A folder beside the blobs: one file for each digest, the damage that was seen last."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, path: Path, seen: os.stat_result) -> None:
        """The very file that was seen: sound bytes may have come in its place meanwhile."""
        self._folder.mkdir(exist_ok=True)
        aside = self._folder / f".{secrets.token_hex(16)}"
        try:
            path.rename(aside)
        except FileNotFoundError:  # somebody else saw the damage too
            return
        if aside.stat().st_ino != seen.st_ino:
            aside.rename(path)
            return
        aside.rename(self._folder / path.name)
        for folder in (path.parent, self._folder):
            sync(folder)
        log.error("blob.quarantined", sha256=path.name, bytes=seen.st_size)

    def has(self, sha256: str) -> bool:
        return (self._folder / sha256).exists()

    def listed(self) -> Iterator[Quarantined]:
        for path in sorted(self._folder.glob("[0-9a-f]*")):
            seen = path.stat()
            since = datetime.fromtimestamp(seen.st_ctime, UTC)
            yield Quarantined(path.name, seen.st_size, since, path)


def sync(folder: Path) -> None:
    """Names are in the folder, and a folder is written when it is synced."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
