"""The reconciler: `python -m worker.reconciler`. Whatever was lost on the way is found again.

Any number of them may run; the one that holds the lock works. A round goes on when one of its steps
fails, and the next round tries again.
"""

from __future__ import annotations

import functools
import os
import secrets
import signal
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from types import FrameType

import structlog
from celery import Celery
from kombu.exceptions import OperationalError

from stillhouse.domain.errors import StillhouseError
from stillhouse.runtime.broker import CHECK_BELL, JOB_BELL, make_celery, ring, waiting
from stillhouse.runtime.logging import configure_logging
from stillhouse.runtime.settings import Settings
from stillhouse.store.leases import Token
from stillhouse.store.tables import OutboxRow
from stillhouse.store.tables.machinery import Bell
from worker.station import Station
from worker.sweeping import (
    discard_abandoned,
    empty_trash,
    forget_answers,
    forget_blobs,
    forget_recordings,
    forget_strays,
    forget_uploads,
)

LOCK = "reconciler"
ROUNDS_OF_LOCK = 3
STRAYS_EVERY_S = 3600.0
MANY_BELLS = 1000
BELLS = {Bell.JOB: JOB_BELL, Bell.MODEL_CHECK: CHECK_BELL, Bell.DATASET_CHECK: CHECK_BELL}

log = structlog.get_logger(__name__)


class Reconciler:
    def __init__(self, settings: Settings, celery: Celery) -> None:
        self.settings = settings
        self.celery = celery
        self.station = Station.of(settings, worker_id="", queues=())
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.stop = threading.Event()
        self._rounds = 0

    def run(self) -> None:
        log.info("reconciler.started", owner=self.owner)
        while not self.stop.is_set():
            self.round()
            self.stop.wait(self.settings.reconcile_every_s)
        self._try(self._let_go)
        log.info("reconciler.stopped")

    def round(self) -> bool:
        """One round; False when another reconciler holds the lock, or the database is away."""
        if not self._try(self._take_lock):
            return False
        steps: list[Callable[[], object]] = [
            self.bury_the_silent,
            self.free_the_lost,
            self.expire_overdue,
            self.ring_again,
            lambda: forget_uploads(self.station),
            lambda: forget_answers(self.station),
            lambda: empty_trash(self.station),
            lambda: forget_recordings(self.station),
            lambda: forget_blobs(self.station),
        ]
        if self._rounds % max(1, int(STRAYS_EVERY_S / self.settings.reconcile_every_s)) == 0:
            steps += [
                lambda: forget_strays(self.station),
                lambda: discard_abandoned(self.station),
            ]
        self._rounds += 1
        for step in steps:
            self._try(step)
        return True

    def bury_the_silent(self) -> None:
        with self.station.books() as uow:
            buried = uow.workers.bury_silent(self.settings.lease_ttl)
        if buried:
            log.warning("workers.buried", count=buried)

    def free_the_lost(self) -> None:
        """Attempts whose lease is out, or whose worker is gone: queued, failed or cancelled."""
        with self.station.reading() as uow:
            expired = uow.leases.expired()
        for token in expired:
            self._try(functools.partial(self._lose, token))

    def expire_overdue(self) -> None:
        with self.station.books() as uow:
            expired = uow.jobs.expire_overdue()
        for job in expired:
            log.info("job.expired", job=job.id)

    def ring_again(self) -> None:
        """Bells that nobody came for. A broker that is away: the next round tries again."""
        with self.station.reading() as uow:
            due = uow.outbox.due()
        rung = []
        try:
            # Nobody listens, or nobody is fast enough: more bells would only fill the broker.
            full = {queue for queue in {bell.queue for bell in due} if self._is_full(queue)}
            for bell in due:
                if bell.queue not in full:
                    self._ring(bell)
                    rung.append(bell.id)
        except OperationalError as error:
            log.warning("broker.away", reason=str(error))
        if rung:
            with self.station.books() as uow:
                uow.outbox.mark_rung(rung, self.settings.rering_after)

    def _ring(self, bell: OutboxRow) -> None:
        ring(self.celery, BELLS[bell.bell], bell.subject, bell.queue)

    def _is_full(self, queue: str) -> bool:
        return waiting(self.celery, queue) >= MANY_BELLS

    def _lose(self, token: Token) -> None:
        with self.station.books() as uow:
            job = uow.attempts.lose(token)
        if job is not None:
            log.warning("attempt.lost", job=job.id, attempt=token.attempt, state=job.state)

    def _take_lock(self) -> bool:
        ttl = timedelta(seconds=ROUNDS_OF_LOCK * self.settings.reconcile_every_s)
        with self.station.books() as uow:
            return uow.locks.acquire(LOCK, self.owner, ttl)

    def _let_go(self) -> None:
        with self.station.books() as uow:
            uow.locks.release(LOCK, self.owner)

    def _try(self, step: Callable[[], object]) -> object:
        """A step that fails is logged, and tried again in the next round."""
        try:
            return step()
        except StillhouseError as error:
            log.warning("reconciler.step_failed", reason=error.detail)
        except Exception:
            log.exception("reconciler.step_failed")
        return None


def main() -> None:
    settings = Settings()
    configure_logging(settings)
    reconciler = Reconciler(settings, make_celery(settings))

    def stop(_number: int, _frame: FrameType | None) -> None:
        reconciler.stop.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    reconciler.run()


if __name__ == "__main__":
    main()
