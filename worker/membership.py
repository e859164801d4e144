"""One life of a worker, in its main process: a row, a heartbeat, and its end."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

import structlog

from kd_core.process import die_with
from stillhouse.domain.errors import StillhouseError
from stillhouse.runtime.settings import Settings
from stillhouse.store import Sessions, UnitOfWork, create_engine, session_factory
from stillhouse.store.tables.machinery import WorkerState
from worker.machine import machine_facts
from worker.station import TRAINER, Station
from worker.stopping import Exit

DRAIN_LOOK_S = 0.5
# For what is written after the last checkpoint.
AFTER_CHECKPOINT_S = 30.0

log = structlog.get_logger(__name__)


class Membership:
    def __init__(self, settings: Settings, trainer: Sequence[str] = TRAINER) -> None:
        self.settings = settings
        self._trainer = trainer
        self._queues: tuple[str, ...] = ()
        self._worker_id = ""
        self._main_pid = os.getpid()
        self._station: tuple[int, Station] | None = None
        self._leaving = False
        self._leave_by: float | None = None
        self._over = False
        # No `threading.Event`: a signal that comes while one is set would wait for itself.
        self._wake: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        # A fork in the middle of a heartbeat would hand the locks of the driver to a child in
        # which nobody ever lets go of them.
        self._between_forks = threading.Lock()

    def join(
        self, name: str, *, host: str, queues: Sequence[str], slots: int, way_out: Exit
    ) -> None:
        """A new life: whatever an older one of this name still held is free at once."""
        self._queues = tuple(queues)
        self._main_pid = os.getpid()
        sessions = session_factory(create_engine(self.settings.database))
        facts = machine_facts()
        with UnitOfWork(sessions) as uow:
            worker = uow.workers.register(
                name,
                host=host,
                pid=os.getpid(),
                queues=self._queues,
                slots=slots,
                facts=facts,
            )
        self._worker_id = worker.id
        log.info("worker.joined", worker=worker.id, name=name, queues=self._queues)
        _free_the_lost(sessions)
        os.register_at_fork(
            before=self._between_forks.acquire,
            after_in_parent=self._between_forks.release,
            after_in_child=self._between_forks.release,
        )
        self._thread = threading.Thread(target=self._beat, args=[sessions, way_out], daemon=True)
        self._thread.start()

    def station(self) -> Station:
        """Where this process works; each has its own connections."""
        if self._station is None or self._station[0] != os.getpid():
            made = Station.of(self.settings, self._worker_id, self._queues, self._trainer)
            self._station = os.getpid(), made
        return self._station[1]

    def enter(self) -> None:
        """In a new supervisor: it ends with its worker, and is warm before the first bell."""
        if os.getpid() != self._main_pid:
            die_with(self._main_pid)
        self.station().warm_up()

    def drain(self) -> None:
        """No more jobs, give back those in hand, then go. Safe in a signal handler: it only asks,
        and whoever has not joined yet is told when it does.
        """
        self._leaving = True
        self._wake.put(None)

    def leave(self) -> None:
        """The end of this life; what is still held is free for others."""
        if self._thread is None:
            return
        self._over = True
        self._wake.put(None)
        self._thread.join()

    def _beat(self, sessions: Sessions, way_out: Exit) -> None:
        try:
            while not self._over:
                self._pause()
                with self._between_forks:
                    self._once(sessions, way_out)
        except BaseException:
            # Nobody would hear of this worker any more, and its jobs would be given to others.
            way_out.with_supervisors_killed()
            raise
        with UnitOfWork(sessions) as uow:
            uow.workers.leave(self._worker_id)

    def _pause(self) -> None:
        pause_s = DRAIN_LOOK_S if self._leaving else self.settings.lease_renew_s
        with suppress(queue.Empty):
            self._wake.get(timeout=pause_s)

    def _once(self, sessions: Sessions, way_out: Exit) -> None:
        if self._leaving and self._leave_by is None:
            grace_s = self.settings.checkpoint_grace_s + AFTER_CHECKPOINT_S
            self._leave_by = time.monotonic() + grace_s
            way_out.no_more_bells()
        held = self._heard(sessions)
        if self._leave_by is None:
            return
        if not held:
            way_out.with_everything_done()
        elif time.monotonic() > self._leave_by:
            way_out.with_supervisors_killed()

    def _heard(self, sessions: Sessions) -> bool:
        """A heartbeat, and the order to drain; whether anything is in hand, as far as is known."""
        try:
            with UnitOfWork(sessions) as uow:
                state = uow.workers.heartbeat(self._worker_id)
                if self._leave_by is not None:
                    uow.workers.drain(self._worker_id)
                held = uow.workers.holds_work(self._worker_id)
        except StillhouseError:
            log.warning("worker.heartbeat_failed", exc_info=True)
            return True
        if state is WorkerState.GONE and not self._leaving:
            # Given up for silence, or replaced by a worker of the same name. A new life begins
            # with a new process; whoever started this one starts the next.
            log.error("worker.given_up")
            self.drain()
        return held


def _free_the_lost(sessions: Sessions) -> None:
    with UnitOfWork(sessions) as uow:
        for token in uow.leases.expired():
            uow.attempts.lose(token)
