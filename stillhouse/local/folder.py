"""The one folder of a service on this machine: what is where, and who may run in it."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from stillhouse.local.errors import LocalError

# They would mean something else in the address of the database, or in the broker's settings.
UNUSABLE = '?#%"\\\n\r\t'


@dataclass(frozen=True)
class DataFolder:
    root: Path

    @property
    def database(self) -> Path:
        return self.root / "stillhouse.db"

    @property
    def blobs(self) -> Path:
        return self.root / "blobs"

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def broker(self) -> Path:
        return self.root / "valkey"

    @property
    def key(self) -> Path:
        return self.root / "api-key"

    @property
    def lock(self) -> Path:
        return self.root / "up.lock"


def prepared(root: Path) -> DataFolder:
    """The folder, made if it is not there; nobody else may look into it."""
    folder = DataFolder(Path(os.path.abspath(root.expanduser())))  # noqa: PTH100 - links are kept
    if any(character in UNUSABLE for character in str(folder.root)):
        raise LocalError(
            f"{folder.root} has one of the characters {UNUSABLE!r} in its name",
            hint="choose another --data-dir",
        )
    try:
        folder.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for room in (folder.blobs, folder.work, folder.logs, folder.broker):
            room.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        message = f"{error.filename or folder.root} cannot be used: {error.strerror}"
        raise LocalError(message, hint="choose another --data-dir") from None
    return folder


@contextmanager
def occupied(folder: DataFolder, url: str) -> Iterator[None]:
    """One service in one folder: two would each take the other's jobs for lost.

    The lock ends with this process, however it ends.
    """
    try:
        file = folder.lock.open("a+", encoding="utf-8")
    except OSError as error:
        message = f"{folder.lock} cannot be used: {error.strerror}"
        raise LocalError(message, hint="choose another --data-dir") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _taken(folder, file) from None
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), "url": url}))
        file.flush()
        yield
        file.truncate(0)


def _taken(folder: DataFolder, file: TextIO) -> LocalError:
    file.seek(0)
    try:
        first = json.loads(file.read())
        who = f"a service runs in {folder.root} already: {first['url']}, process {first['pid']}"
    except (ValueError, KeyError, TypeError):  # it has the lock, and has not said yet who it is
        who = f"a service runs in {folder.root} already"
    return LocalError(who, hint="use that one, stop it, or choose another --data-dir")
