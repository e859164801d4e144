"""Reporting: what the mailbox holds goes into the books, in numbered batches, once each."""

from __future__ import annotations

from stillhouse.domain.events import EventType, NewEvent
from stillhouse.store import UnitOfWork
from worker.hold import Hold
from worker.mailbox import Batch, Mailbox

TAIL_SHOWN = 50


class Reporter:
    def __init__(self, hold: Hold, mailbox: Mailbox, next_log_seq: int) -> None:
        self._hold = hold
        self._mailbox = mailbox
        self._last_log_seq = next_log_seq - 1
        self._started = False
        self._number = 0
        self._unsent: Batch | None = None

    @property
    def log_tail_url(self) -> str:
        """Where a reader finds the last lines, as far as they are known."""
        after = max(0, self._last_log_seq - TAIL_SHOWN)
        return f"/v1/jobs/{self._hold.token.job_id}/logs?after_seq={after}"

    def report(self) -> None:
        """Send what there is; while the database is away it is kept and sent again."""
        if not self._started and self._mailbox.started is not None:
            self._started = self._hold.try_to(self._start)
        if self._unsent is None:
            self._take(self._mailbox.take())
        if self._unsent is not None and self._hold.try_to(self._send):
            self._unsent = None

    def finish(self) -> None:
        """Send everything that was said, and the end of a log that was cut."""
        if not self._started and self._mailbox.started is not None:
            self.start()
        for batch in (None, self._mailbox.take(), self._mailbox.take_tail()):
            if batch is not None:
                self._take(batch)
            if self._unsent is not None:
                self._hold.insist(self._send)
                self._unsent = None

    def start(self) -> None:
        """The job runs; also when its trainer had no time to say so."""
        if not self._started:
            self._hold.insist(self._start)
            self._started = True

    def warn(self, code: str, message: str, hint: str = "") -> None:
        self._mailbox.tell(
            NewEvent(EventType.WARNING, {"code": code, "message": message, "hint": hint})
        )

    def next_number(self) -> int:
        """For the last batch, which is written together with the result."""
        return self._number + 1

    def _take(self, batch: Batch) -> None:
        if batch:
            self._unsent = batch
            # A batch that may or may not have arrived is sent again under its number.
            self._number += 1
            self._last_log_seq += len(batch.lines)

    def _start(self, uow: UnitOfWork) -> None:
        said = self._mailbox.started
        chosen = {"device": said.device, "threads": said.threads} if said is not None else {}
        uow.attempts.start(self._hold.token, chosen)

    def _send(self, uow: UnitOfWork) -> None:
        if self._unsent is not None:
            batch = self._unsent
            uow.attempts.report(
                self._hold.token, self._number, batch.events, batch.points, batch.lines
            )
