"""Saving: the newest checkpoint becomes a snapshot among the blobs, beside everything else."""

from __future__ import annotations

import time
from concurrent.futures import Executor, Future
from datetime import timedelta

import structlog

from stillhouse.domain.errors import BlobCorrupted, NotFound, StillhouseError
from stillhouse.domain.phases import Checkpoint
from stillhouse.store import StoredBlob, UnitOfWork
from worker import snapshots
from worker.hold import Hold
from worker.mailbox import Mailbox
from worker.reporter import Reporter
from worker.station import Station
from worker.workspace import Workspace

# Saving may take a fifth of the time, however often the trainer writes a checkpoint.
REST_AFTER_SAVING = 4
POLL_S = 0.05

log = structlog.get_logger(__name__)


class Saver:
    def __init__(
        self,
        station: Station,
        hold: Hold,
        mailbox: Mailbox,
        reporter: Reporter,
        aside: Executor,
        blob: str | None,
    ) -> None:
        """`blob` is the snapshot that the attempt begins with."""
        self._station = station
        self._hold = hold
        self._mailbox = mailbox
        self._reporter = reporter
        self._aside = aside
        self._blob = blob
        self._saving: tuple[Checkpoint, Future[StoredBlob | None]] | None = None
        self._not_before = 0.0

    def restore(self, workspace: Workspace) -> None:
        """Go on from the last snapshot; without it, from the start: the result is the same."""
        if self._blob is None:
            return
        tar = workspace.folder / "snapshot.tar"
        try:
            snapshots.restore(self._station.blobs, self._blob, workspace.run, tar)
        except (BlobCorrupted, NotFound, snapshots.SnapshotDamaged):
            log.exception("snapshot.damaged", blob=self._blob)
            workspace.begin_anew()
            self._reporter.warn(
                "snapshot_damaged",
                "the saved checkpoint is damaged",
                "the job starts again from its first step",
            )

    def save_newest(self, workspace: Workspace) -> None:
        """Never waits: begins to save when there is something new, or sees what became of it."""
        if self._saving is None:
            if time.monotonic() >= self._not_before:
                self._begin(workspace)
        elif self._saving[1].done():
            (checkpoint, future), self._saving = self._saving, None
            self._saved(checkpoint, future)

    def save_last(self, workspace: Workspace) -> None:
        """The trainer is gone: save what it left, if that is more than what is saved."""
        self._finish(workspace)
        self._begin(workspace)
        self._finish(workspace)

    def drop(self) -> None:
        """Nobody will go on from here."""
        if self._blob is not None:
            self._forget(self._blob)
            self._blob = None

    def _begin(self, workspace: Workspace) -> None:
        checkpoint = self._mailbox.take_checkpoint()
        if checkpoint is not None:
            self._saving = checkpoint, self._aside.submit(self._snapshot, workspace)

    def _finish(self, workspace: Workspace) -> None:
        while self._saving is not None:
            self._hold.look()
            time.sleep(POLL_S)
            self.save_newest(workspace)

    def _snapshot(self, workspace: Workspace) -> StoredBlob | None:
        began = time.monotonic()
        # Whose it is, inside it: equal runs must not share a snapshot that one of them may delete.
        label = f"{self._hold.token.job_id} {self._hold.token.attempt}"
        try:
            return snapshots.save(self._station.blobs, workspace.run, workspace.staging, label)
        finally:
            ended = time.monotonic()
            self._not_before = ended + REST_AFTER_SAVING * (ended - began)

    def _saved(self, checkpoint: Checkpoint, future: Future[StoredBlob | None]) -> None:
        try:
            blob = future.result()
        except OSError as error:
            # The run is sound without it; what is lost is the way back to this moment.
            log.exception("snapshot.failed")
            self._reporter.warn(
                "snapshot_failed", f"a checkpoint could not be saved: {error.strerror}"
            )
            return
        if blob is not None:
            self._note(checkpoint, blob)

    def _note(self, checkpoint: Checkpoint, blob: StoredBlob) -> None:
        def save(uow: UnitOfWork) -> None:
            uow.blobs.register(blob.sha256, blob.size_bytes)
            uow.attempts.save_checkpoint(self._hold.token, checkpoint, blob.sha256)

        self._hold.insist(save)
        superseded, self._blob = self._blob, blob.sha256
        if superseded is not None and superseded != blob.sha256:
            self._forget(superseded)

    def _forget(self, sha256: str) -> None:
        try:
            with self._station.books() as uow:
                forgotten = uow.blobs.forget(sha256, older_than=timedelta())
            if forgotten:
                self._station.blobs.delete(sha256)
        except (StillhouseError, OSError):  # what stays is swept away later
            log.warning("snapshot.not_forgotten", exc_info=True)
