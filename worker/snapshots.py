"""Snapshots: the folder of a run as one tar among the blobs, from which any node can go on."""

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path, PurePosixPath
from typing import Any, cast

from kd_core.files import PARTIAL
from kd_core.workdir import DECODED, EVENTS, LOCK, SCRATCH, TEACHER_ANSWERS
from stillhouse.store import DirectoryBlobs, StoredBlob

# Recorded answers and decoded images are large, and can be made again.
LEFT_OUT = {DECODED, EVENTS, LOCK, SCRATCH, TEACHER_ANSWERS}
BUFFER = 1 << 20
MAX_BYTES = 1 << 44
TRIES = 5


class SnapshotDamaged(Exception):
    """A snapshot has a member that no snapshot of ours has."""


def save(blobs: DirectoryBlobs, run: Path, staging: Path, label: str) -> StoredBlob | None:
    """Save what a trainer has on disk while it goes on; None when it was too quick for us.

    `label` makes these bytes nobody else's, so that they can be deleted with the job alone in mind.
    """
    try:
        if not _frozen(run, staging):
            return None
        with blobs.writer(max_bytes=MAX_BYTES) as writer:
            with tarfile.open(
                fileobj=cast("Any", writer),  # all that it asks for is `write`
                mode="w|",
                bufsize=BUFFER,
                format=tarfile.PAX_FORMAT,
                pax_headers={"comment": label},
            ) as tar:
                for path in sorted(staging.rglob("*")):
                    tar.add(path, str(path.relative_to(staging)), recursive=False, filter=_plain)
            return writer.finish()
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def restore(blobs: DirectoryBlobs, sha256: str, run: Path, scratch: Path) -> None:
    """Unpack a snapshot into an empty folder. `BlobCorrupted`, `NotFound`: it is not there."""
    blobs.copy_to(sha256, scratch)
    try:
        with tarfile.open(scratch, "r:") as tar:
            for member in tar:
                _unpack(tar, member, run)
    except tarfile.TarError as error:
        raise SnapshotDamaged(str(error)) from error
    finally:
        scratch.unlink()


def _frozen(run: Path, staging: Path) -> bool:
    """Hold every file by a second name: the trainer replaces files, it never writes into them."""
    for _ in range(TRIES):
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        _link(run, staging)
        if _holds_a_checkpoint(staging):
            return True
    return False


def _link(source: Path, target: Path) -> None:
    for entry in os.scandir(source):
        if entry.name in LEFT_OUT or entry.name.endswith(PARTIAL):
            continue
        try:
            if entry.is_dir(follow_symlinks=False):
                (target / entry.name).mkdir()
                _link(Path(entry.path), target / entry.name)
            elif entry.is_file(follow_symlinks=False):
                os.link(entry.path, target / entry.name)
        except FileNotFoundError:  # an older checkpoint, forgotten just now
            continue


def _holds_a_checkpoint(staging: Path) -> bool:
    records = staging.glob("checkpoints/*/*.json")
    return any(record.with_suffix(".pt").exists() for record in records)


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _unpack(tar: tarfile.TarFile, member: tarfile.TarInfo, run: Path) -> None:
    name = PurePosixPath(member.name)
    if name.is_absolute() or ".." in name.parts or not (member.isfile() or member.isdir()):
        raise SnapshotDamaged(member.name)
    target = run.joinpath(*name.parts)
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    content = tar.extractfile(member)
    if content is not None:
        with content, target.open("xb") as file:
            shutil.copyfileobj(content, file, BUFFER)
