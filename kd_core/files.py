"""Files that are whole or not there: written beside their place, synced, then renamed."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

PARTIAL = ".partial"


def write_atomically(path: Path, data: bytes | memoryview | Callable[[BinaryIO], object]) -> str:
    """Write a file so that a crash leaves the old one or the new one. Returns its SHA-256."""
    partial = path.with_name(path.name + PARTIAL)
    try:
        with partial.open("wb") as file:
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


@contextmanager
def folder_in_one_move(path: Path) -> Iterator[Path]:
    """A folder to fill; it takes its name when the block ends well and vanishes otherwise.

    The name must be free. Files inside are synced before the move.
    """
    partial = path.with_name(path.name + PARTIAL)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
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
