"""Files that are whole or not there: written beside their place, synced, then renamed."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from kd_core.errors import NO_ROOM, DiskFull

PARTIAL = ".partial"


def write_atomically(path: Path, data: bytes | memoryview | Callable[[BinaryIO], object]) -> str:
    """Write a file so that a crash leaves the old one or the new one. Returns its SHA-256."""
    partial = path.with_name(path.name + PARTIAL)
    needed = None if callable(data) else memoryview(data).nbytes
    try:
        with naming_the_folder(path.parent, needed), partial.open("wb") as file:
            if callable(data):
                data(file)
            else:
                file.write(data)
            file.flush()
            os.fsync(file.fileno())
        digest = sha256_of(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    sync_folder(path.parent)
    return digest


def append_line(path: Path, line: bytes) -> None:
    """All of it, or nothing when there is no room for all of it."""
    rest = line + b"\n"
    with naming_the_folder(path.parent, len(rest)), path.open("ab", buffering=0) as file:
        before = file.tell()
        try:
            while rest:
                rest = rest[file.write(rest) or 0 :]
        except OSError:
            with suppress(OSError):
                file.truncate(before)
            raise


@contextmanager
def naming_the_folder(folder: Path, needed: int | None = None) -> Iterator[None]:
    """What the kernel says of a full disk, with what a user has to know: where, and how much."""
    try:
        yield
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        free = None
        with suppress(OSError):
            free = shutil.disk_usage(folder).free
        reason = os.strerror(error.errno or 0)
        raise DiskFull.at_place(str(folder), reason, needed, free) from error


def reserve(descriptor: int, size_bytes: int) -> None:
    """Give a new file its size. Where a mapping is written to and the disk is full, the kernel
    ends the process: so the blocks are taken beforehand, where the system can do that.
    """
    take = getattr(os, "posix_fallocate", None)
    if take is None or size_bytes == 0:
        os.ftruncate(descriptor, size_bytes)
    else:
        take(descriptor, 0, size_bytes)


@contextmanager
def folder_in_one_move(path: Path) -> Iterator[Path]:
    """A folder to fill; it takes its name when the block ends well and vanishes otherwise.

    The name must be free. Files inside are synced before the move.
    """
    partial = path.with_name(path.name + PARTIAL)
    shutil.rmtree(partial, ignore_errors=True)
    try:
        with naming_the_folder(path.parent):
            partial.mkdir(parents=True)
            yield partial
            for file in partial.iterdir():
                with file.open("rb") as opened:
                    os.fsync(opened.fileno())
            sync_folder(partial)
        partial.rename(path)
        sync_folder(path.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def sync_folder(path: Path) -> None:
    """Make a rename inside the folder survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
