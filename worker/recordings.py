"""What teachers answered: brought from the blobs before an attempt, kept there for the next job.

The trainer decides what a file is worth. It knows a folder in which whole recordings lie, each
under its key; it takes what it needs, throws away what is wrong, leaves what it has made itself.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import time
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from pathlib import Path

import structlog

from kd_core.recording.hint import recording_hint
from kd_core.recording.shared import ORIGIN, ROWS
from kd_core.spec.sources import FILE
from stillhouse.domain.errors import StillhouseError
from stillhouse.domain.job_spec import JobSpec
from stillhouse.store import StoredBlob, UnitOfWork
from stillhouse.store.tables import JobRow, RecordingRow
from worker.hold import Hold
from worker.station import Station
from worker.workspace import SPARE_BYTES, Input, chunks_of

POLL_S = 0.05
KEY = re.compile(r"[0-9a-f]{64}")
Identity = tuple[int, int]

log = structlog.get_logger(__name__)


class Recordings:
    def __init__(
        self, station: Station, hold: Hold, aside: Executor, job: JobRow, folder: Path
    ) -> None:
        self._folder = folder
        self._station = station
        self._hold = hold
        self._aside = aside
        self._job = job
        self._hint: str | None = None
        self._brought: set[Identity] = set()
        self._keeping: tuple[str, Future[StoredBlob]] | None = None
        self._has_kept = False

    @property
    def arguments(self) -> list[str]:
        """What the trainer is told of them."""
        return [] if self._hint is None else ["--recordings-dir", str(self._folder)]

    def look_up(self, spec: JobSpec, inputs: Sequence[Input]) -> list[RecordingRow]:
        """Those of the same project that this job may need."""
        hint = hint_of(spec, inputs)
        if hint is None or self._station.settings.recordings_bytes == 0:
            return []
        self._hint = hint
        return self._hold.insist(lambda uow: uow.recordings.use(self._job.realm, hint))

    def bring(self, found: Sequence[RecordingRow]) -> list[RecordingRow]:
        """As many as there is room for; those whose bytes are not what they were. The job does not
        need them: without, it records its own.
        """
        self._folder.mkdir()
        return [row for row in found if not self._is_sound(row)]

    def forget(self, damaged: Sequence[RecordingRow]) -> None:
        def forget(uow: UnitOfWork) -> None:
            for row in damaged:
                uow.recordings.forget(row.realm, row.key, row.blob_sha256)

        if damaged:
            self._hold.insist(forget)

    def keep_new(self) -> None:
        """Never waits: begins to copy what the trainer has left, or sees what became of it."""
        if self._keeping is None:
            self._begin()
        elif self._keeping[1].done():
            (key, future), self._keeping = self._keeping, None
            self._copied(key, future)

    def finish(self) -> None:
        """The trainer is done: what it left is kept before the job is over."""
        self.keep_new()
        while self._keeping is not None:
            self._hold.look()
            time.sleep(POLL_S)
            self.keep_new()

    def _is_sound(self, row: RecordingRow) -> bool:
        target = self._folder / f"{row.key}{ROWS}"
        try:
            if shutil.disk_usage(self._folder).free >= row.size_bytes + SPARE_BYTES:
                self._station.blobs.copy_to(row.blob_sha256, target)
                target.with_suffix(ORIGIN).write_text(row.job_id, encoding="utf-8")
                self._brought.add(_identity(target.stat()))
        except StillhouseError:  # gone, or no longer what it was
            log.exception("recording.damaged", key=row.key)
            return False
        except OSError:
            log.warning("recording.not_brought", key=row.key, exc_info=True)
            target.unlink(missing_ok=True)
        return True

    def _begin(self) -> None:
        path = None if self._has_kept else self._new()
        if path is not None:
            self._has_kept = True  # a run makes one
            self._keeping = path.stem, self._aside.submit(self._put, path)

    def _new(self) -> Path | None:
        """A whole recording that we did not bring; one that took the place of another is new."""
        if self._hint is None:
            return None
        for path in self._folder.glob(f"*{ROWS}"):
            found = path.lstat()
            fits = found.st_size <= self._station.settings.recordings_bytes
            is_one = stat.S_ISREG(found.st_mode) and KEY.fullmatch(path.stem) is not None
            if fits and is_one and _identity(found) not in self._brought:
                return path
        return None

    def _put(self, path: Path) -> StoredBlob:
        most = self._station.settings.recordings_bytes
        return self._station.blobs.put(chunks_of(path), max_bytes=most)

    def _copied(self, key: str, future: Future[StoredBlob]) -> None:
        try:
            blob = future.result()
        except OSError:  # the job is sound without it, and the next one records again
            log.warning("recording.not_kept", key=key, exc_info=True)
            return

        def keep(uow: UnitOfWork) -> None:
            uow.blobs.register(blob.sha256, blob.size_bytes)
            uow.recordings.keep(
                self._job.realm,
                key,
                hint=str(self._hint),
                job_id=self._job.id,
                blob_sha256=blob.sha256,
                size_bytes=blob.size_bytes,
            )

        self._hold.insist(keep)
        log.info("recording.kept", key=key, bytes=blob.size_bytes)


def hint_of(spec: JobSpec, inputs: Sequence[Input]) -> str | None:
    """Equal inputs are the same, whatever they are called and whenever they were uploaded."""
    values = {pointer: value for one in inputs for pointer, value in one.also.items()}
    for pointer in {one.pointer for one in inputs}:
        files = [one for one in inputs if one.pointer == pointer]
        digests = "-".join(sorted(one.sha256 for one in files))
        end = "" if files[0].of_folder else Path(files[0].filename).suffix
        values[pointer] = f"{FILE}{digests}{end}"
    return recording_hint(spec.distillation(values))


def _identity(found: os.stat_result) -> Identity:
    return found.st_ino, found.st_mtime_ns
