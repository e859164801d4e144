"""The worker: `python -m worker.app`, or `celery -A worker.app worker -P prefork -c 1 -Q ...`."""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Sequence
from typing import Any

import structlog
from celery import Celery, signals
from celery.apps.worker import Worker

from stillhouse.runtime.broker import QUEUES, make_celery
from stillhouse.runtime.logging import configure_logging
from stillhouse.runtime.settings import Settings
from worker.membership import Membership
from worker.station import TRAINER
from worker.stopping import Exit, held_back, listen
from worker.tasks import add_tasks

log = structlog.get_logger(__name__)


def make_app(settings: Settings, trainer: Sequence[str] = TRAINER) -> Celery:
    app = make_celery(settings)
    membership = Membership(settings, trainer)
    add_tasks(app, membership)
    app.Worker = _worker_of(app, membership)
    return app


def _worker_of(app: Celery, membership: Membership) -> type[Worker]:
    class Member(Worker):  # type: ignore[misc]
        """A Celery worker that is in the books while it lives."""

        def on_before_init(self, **options: Any) -> None:
            signals.setup_logging.connect(_set_up_logging(membership.settings), weak=False)
            super().on_before_init(**options)

        def install_platform_tweaks(self, worker: Worker) -> None:
            # Celery's own handlers stop the pool from where the signal came, which may be the
            # middle of a fork or of an answer of the broker. They are never there to be called.
            with held_back():
                super().install_platform_tweaks(worker)
                listen(membership.drain)

        def on_start(self) -> None:
            super().on_start()
            # Before the pool forks: its children know whose they are from the beginning.
            membership.join(
                membership.settings.worker_name or self.hostname,
                host=self.hostname.partition("@")[2],
                queues=sorted(self.app.amqp.queues.consume_from),
                slots=self.concurrency,
                way_out=Exit(self),
            )
            signals.worker_process_init.connect(_enter(membership), weak=False)

        def start(self) -> None:
            try:
                super().start()
            finally:
                membership.leave()

    Member.app = app
    return Member


def _enter(membership: Membership) -> Any:
    return lambda **_: membership.enter()


def _set_up_logging(settings: Settings) -> Any:
    def set_up(**_: Any) -> None:
        configure_logging(settings)
        # What happens is told by our own events; Celery's lines repeat it without the names.
        for noisy in ("celery", "kombu", "amqp"):
            logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLogger().level))

    return set_up


@functools.cache
def _default_app() -> Celery:
    return make_app(Settings())


def __getattr__(name: str) -> Any:
    """`celery -A worker.app` looks for `app`; importing this module makes none."""
    if name == "app":
        return _default_app()
    raise AttributeError(name)


def run(app: Celery, settings: Settings, arguments: Sequence[str] = ()) -> None:
    """Serve until told to stop. Further arguments are those of `celery worker`."""
    name = settings.worker_name or "worker"
    options = ["-P", "prefork", "-c", "1", "-Q", ",".join(QUEUES), "-n", f"{name}@%h"]
    apart = ["--without-gossip", "--without-mingle"]
    app.worker_main(["--quiet", "worker", *options, *apart, *arguments])


def main() -> None:
    settings = Settings()
    run(make_app(settings), settings, sys.argv[1:])


if __name__ == "__main__":
    main()
