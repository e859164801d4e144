"""Waiting for a job to change: one look at the books for everybody who waits.

Whoever waits holds neither a thread nor a connection to the database, so a thousand of them cost
one narrow question every quarter of a second, and nothing at all while nobody waits.
"""

from __future__ import annotations

import asyncio
from contextvars import Context
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool

from stillhouse.domain.errors import Unavailable
from stillhouse.store import ReadOnly, Sessions

LOOK_EVERY_S = 0.25


@dataclass(eq=False, slots=True)
class _Waiter:
    job_id: str
    version: int
    news: asyncio.Event = field(default_factory=asyncio.Event)


class Watch:
    """Of one process, and of its event loop alone."""

    def __init__(self, sessions: Sessions, every_s: float = LOOK_EVERY_S) -> None:
        self._sessions = sessions
        self._every_s = every_s
        self._waiting: set[_Waiter] = set()
        self._looking: asyncio.Task[None] | None = None
        self.closing = False
        """The process is about to end: nobody should wait on."""

    async def differs(self, job_id: str, version: int, within_s: float) -> bool:
        """As soon as the job is at another version, or gone; False when it was not by then."""
        waiter = _Waiter(job_id, version)
        self._waiting.add(waiter)
        self._keep_looking()
        try:
            async with asyncio.timeout(within_s):
                await waiter.news.wait()
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(waiter)
        return True

    def close(self) -> None:
        """Everybody goes home now; the answers are what is known by now."""
        self.closing = True
        for waiter in self._waiting:
            waiter.news.set()

    def _keep_looking(self) -> None:
        if self.closing:
            self.close()
        elif self._looking is None or self._looking.done():
            # Not in the context of the request that happens to be the first.
            self._looking = asyncio.create_task(self._look(), context=Context())

    async def _look(self) -> None:
        while self._waiting:
            await asyncio.sleep(self._every_s)
            asked = {waiter.job_id for waiter in self._waiting}
            try:
                versions = await run_in_threadpool(self._versions, asked)
            except Unavailable:  # a database that is away has no news, and comes back
                continue
            for waiter in self._waiting:
                if versions.get(waiter.job_id) != waiter.version:
                    waiter.news.set()

    def _versions(self, job_ids: set[str]) -> dict[str, int]:
        with ReadOnly(self._sessions) as uow:
            return uow.standings.versions(job_ids)
