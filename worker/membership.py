"""One life of a worker, in its main process: a row, a heartbeat, and its end."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Sequence

import structlog

from kd_core.process import die_with
from stillhouse.domain.errors import StillhouseError
from stillhouse.runtime.settings import Settings
from stillhouse.store import Sessions, UnitOfWork, create_engine, session_factory
from stillhouse.store.tables.machinery import WorkerState
from worker.station import TRAINER, Station

DRAIN_LOOK_S = 0.5

log = structlog.get_logger(__name__)


class Membership:
    def __init__(self, settings: Settings, trainer: Sequence[str] = TRAINER) -> None:
        self.settings = settings
        self._trainer = trainer
        self._queues: tuple[str, ...] = ()
        self._worker_id = ""
        self._main_pid = os.getpid()
        self._station: tuple[int, Station] | None = None
        self._wake = threading.Event()
        self._leaving = threading.Event()
        self._idle = threading.Event()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        # A fork in the middle of a heartbeat would hand the locks of the driver to a child in
        # which nobody ever lets go of them.
        self._between_forks = threading.Lock()

    def join(self, name: str, host: str, queues: Sequence[str], slots: int) -> None:
        """A new life: whatever an older one of this name still held is free at once."""
        self._queues = tuple(queues)
        self._main_pid = os.getpid()
        sessions = session_factory(create_engine(self.settings.database))
        with UnitOfWork(sessions) as uow:
            worker = uow.workers.register(
                name, host=host, pid=os.getpid(), queues=self._queues, slots=slots
            )
        self._worker_id = worker.id
        log.info("worker.joined", worker=worker.id, name=name, queues=self._queues)
        _free_the_lost(sessions)
        os.register_at_fork(
            before=self._between_forks.acquire,
            after_in_parent=self._between_forks.release,
            after_in_child=self._between_forks.release,
        )
        self._thread = threading.Thread(target=self._beat, args=[sessions], daemon=True)
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
        """No more jobs, and give back those in hand. Safe in a signal handler: it only asks."""
        self._leaving.set()
        self._wake.set()

    def wait_until_idle(self, timeout_s: float) -> bool:
        """After `drain`: until no supervisor holds anything any more."""
        return self._idle.wait(timeout_s)

    def leave(self) -> None:
        """The end of this life; what is still held is free for others."""
        if self._thread is None or self._over.is_set():
            return
        self._over.set()
        self._wake.set()
        self._thread.join()

    def _beat(self, sessions: Sessions) -> None:
        while not self._over.is_set():
            self._wake.wait(DRAIN_LOOK_S if self._leaving.is_set() else self._pause_s)
            self._wake.clear()
            with self._between_forks:
                self._once(sessions)
        with UnitOfWork(sessions) as uow:
            uow.workers.leave(self._worker_id)

    @property
    def _pause_s(self) -> float:
        return self.settings.lease_renew_s

    def _once(self, sessions: Sessions) -> None:
        try:
            with UnitOfWork(sessions) as uow:
                state = uow.workers.heartbeat(self._worker_id)
                if self._leaving.is_set():
                    uow.workers.drain(self._worker_id)
                held = uow.workers.holds_work(self._worker_id)
        except StillhouseError:
            log.warning("worker.heartbeat_failed", exc_info=True)
            return
        if self._leaving.is_set() and not held:
            self._idle.set()
        if state is WorkerState.GONE and not self._leaving.is_set():
            # Given up for silence, or replaced by a worker of the same name. A new life begins
            # with a new process; whoever started this one starts the next.
            log.error("worker.given_up")
            self._leaving.set()
            os.kill(os.getpid(), signal.SIGTERM)


def _free_the_lost(sessions: Sessions) -> None:
    with UnitOfWork(sessions) as uow:
        for token in uow.leases.expired():
            uow.attempts.lose(token)
