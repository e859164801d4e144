"""The doorbell: tells workers, after the commit, that there is something to do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore

import structlog
from kombu.exceptions import OperationalError

from stillhouse.domain.errors import Unavailable
from stillhouse.runtime import broker
from stillhouse.runtime.settings import Settings
from stillhouse.store import Sessions, UnitOfWork
from stillhouse.store.tables.machinery import Bell

log = structlog.get_logger(__name__)

TASKS = {
    Bell.JOB: broker.JOB_BELL,
    Bell.MODEL_CHECK: broker.CHECK_BELL,
    Bell.DATASET_CHECK: broker.CHECK_BELL,
}
MOST_WAITING = 1000


class Doorbell:
    """Rings in a thread of its own, so that no request ever waits for the broker.

    A bell that is not heard is no harm: it is written in the database, and the reconciler rings
    it again.
    """

    def __init__(self, settings: Settings, sessions: Sessions) -> None:
        self._settings = settings
        self._sessions = sessions
        self._app = broker.make_celery(settings)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="doorbell")
        self._room = BoundedSemaphore(MOST_WAITING)

    def ring(self, bell: Bell, subject: str, queue: str) -> None:
        """Soon. What is committed may be rung for; nothing else."""
        if not self._room.acquire(blocking=False):
            log.warning("bell.dropped", bell=bell.value, subject=subject)
            return
        self._thread.submit(self._ring, bell, subject, queue)

    def close(self) -> None:
        """Without what is waiting still: a broker that is away must not keep a process alive."""
        self._thread.shutdown(cancel_futures=True)
        self._app.close()

    def _ring(self, bell: Bell, subject: str, queue: str) -> None:
        try:
            broker.ring(self._app, TASKS[bell], subject, queue)
            with UnitOfWork(self._sessions) as uow:
                uow.outbox.mark_subject_rung(bell, subject, self._settings.rering_after)
        except (OperationalError, Unavailable) as error:
            log.warning("bell.unheard", bell=bell.value, subject=subject, reason=str(error))
        except Exception:
            log.exception("bell.failed", bell=bell.value, subject=subject)
        finally:
            self._room.release()
