"""How a Celery worker is told to end: a signal only asks, and the main loop ends where it may.

A handler runs on top of whatever the main thread is doing. One that waits, or that uses the pool or
the connection, hangs when that was a fork, a lock or an answer half read.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from celery.apps.worker import Worker
from celery.exceptions import WorkerTerminate
from celery.worker import state

STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
NOW = 1


@contextmanager
def held_back() -> Iterator[None]:
    """What comes in the block is delivered after it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def listen(drain: Callable[[], None]) -> None:
    """The first signal drains; who sends a second one has no patience left."""
    asked: list[int] = []

    def answer(number: int, _frame: object) -> None:
        asked.append(number)
        if len(asked) == 1:
            drain()
        else:
            state.should_terminate = NOW
            raise WorkerTerminate(NOW)

    for number in STOPS:
        signal.signal(number, answer)


class Exit:
    """The way out of the main loop, for the heartbeat's thread."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def no_more_bells(self) -> None:
        self._worker.hub.call_soon(self._cancel)

    def with_everything_done(self) -> None:
        # Celery looks at this before each turn of its loop and while it waits for the broker.
        state.should_stop = 0
        self._worker.hub.call_soon(_nothing)

    def with_supervisors_killed(self) -> None:
        state.should_terminate = NOW
        self._worker.hub.call_soon(_nothing)

    def _cancel(self) -> None:
        consumer = self._worker.consumer
        if consumer.task_consumer is not None:
            with suppress(*consumer.connection_errors, *consumer.channel_errors):
                consumer.task_consumer.cancel()


def _nothing() -> None:
    """Wakes the loop."""
