"""One unit of work for each request, closed before its answer leaves.

A dependency that yields is by default finished after the answer was sent: a commit there could
fail behind a 201. With `scope="function"` it is finished before, and a failed commit is an error.
A unit of work is the last thing that an endpoint asks for: on SQLite it holds the write lock, and
nobody may hold that while a body is on its way.

Whoever waits for a lock of the database holds a thread, and whoever has the lock needs one to go
on. So only some may wait there at a time, and the others queue for their turn without a thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request

from api.services import Services, ServicesHere
from stillhouse.domain.cause import Cause, traceparent_in
from stillhouse.store import ReadOnly, Sessions, UnitOfWork
from stillhouse.store.tables.machinery import Bell

WRITERS = 8
"""Of each kind; few enough that all of them together leave most of the server's 40 threads free."""


class Work(UnitOfWork):
    """A unit of work, and the bells to ring once it is committed."""

    def __init__(self, sessions: Sessions, cause: Cause) -> None:
        super().__init__(sessions)
        self.cause = cause
        """What was asked, for what is made of it."""
        self.bells: list[tuple[Bell, str, str]] = []

    def ring_after_commit(self, bell: Bell, subject: str, queue: str) -> None:
        self.bells.append((bell, subject, queue))


def cause_of(request: Request) -> Cause:
    return Cause(request.state.request_id, traceparent_in(request.headers.get("traceparent", "")))


def reading(services: ServicesHere) -> Iterator[UnitOfWork]:
    with ReadOnly(services.sessions) as uow:
        yield uow


def writing(services: ServicesHere, request: Request) -> Iterator[Work]:
    with Work(services.sessions, cause_of(request)) as uow:
        yield uow
    rung(services, uow)


def rung(services: Services, uow: Work) -> None:
    """It is committed: ring its bells."""
    for bell, subject, queue in uow.bells:
        services.doorbell.ring(bell, subject, queue)


Reading = Annotated[UnitOfWork, Depends(reading, scope="function")]
Writing = Annotated[Work, Depends(writing, scope="function", max_concurrency=WRITERS)]
