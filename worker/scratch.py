"""Folders that belong to one process: locked while it lives, swept away once it is gone."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOCK = ".lock"


@contextmanager
def scratch_folder(root: Path, name: str) -> Iterator[Path]:
    """An empty folder `root/group/name`, gone when the block ends.

    Its lock is never inherited, so the kernel lets go of it when this process dies.
    """
    folder = root / name
    with _alone(root):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        lock = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    try:
        yield folder
    finally:
        with _alone(root):
            _remove(folder)
            os.close(lock)


def sweep(root: Path) -> list[str]:
    """Remove the folders whose process is gone; which they were."""
    with _alone(root):
        abandoned = [path.parent for path in root.glob(f"*/*/{LOCK}") if not _is_held(path)]
        for folder in abandoned:
            _remove(folder)
    return sorted(str(folder.relative_to(root)) for folder in abandoned)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):  # others of its group are at work
        folder.parent.rmdir()


def _is_held(path: Path) -> bool:
    with path.open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """A folder is made and locked, or looked at and removed, by one process at a time."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / LOCK).open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
