"""What a bell makes a worker do. The id in it is a hint and nothing more: the books decide."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from celery import Celery

from stillhouse.runtime.broker import CHECK_BELL, JOB_BELL
from worker.checks import check_next
from worker.membership import Membership
from worker.supervisor import claim_next

CHECKING_QUEUE = "cpu"

log = structlog.get_logger(__name__)


def add_tasks(app: Celery, membership: Membership) -> None:
    def answer(bell: str, work: Callable[[Membership], None]) -> None:
        def task(subject: str = "") -> None:
            try:
                work(membership)
            except Exception:
                # Celery's main process ends when a task raises MemoryError, so nothing gets out.
                log.exception("task.failed", bell=bell, subject=subject)

        app.task(task, name=bell)

    answer(JOB_BELL, serve)
    answer(CHECK_BELL, check_all)


def serve(membership: Membership) -> None:
    """Jobs until none is left for this worker; what waits for its check goes between them."""
    station = membership.station()
    while True:
        if CHECKING_QUEUE in station.queues:
            check_all(membership)
        supervision = claim_next(station)
        if supervision is None:
            return
        supervision.run()


def check_all(membership: Membership) -> None:
    while check_next(membership.station()):
        pass
