"""Until a job has news for this client: what is waited for before an endpoint is entered at all.

These run before the endpoint's unit of work is opened, and end with it still to be asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from api import tags
from api.accepting import wants
from api.auth import JobsReader
from api.jobs import stream
from api.pages import AfterSeq
from api.paths import JobId
from api.patience import APPLIED, APPLIED_HEADER, PatienceS
from api.services import Services, ServicesHere
from api.tags import TAG_HEADER, UNCHANGED, SeenTags
from stillhouse.domain.job import is_terminal
from stillhouse.domain.realm import Realm
from stillhouse.domain.tags import versions_in
from stillhouse.store import ReadOnly
from stillhouse.store.standing import Standing

WATCHED: dict[int | str, dict[str, Any]] = {
    200: {"headers": {**TAG_HEADER, **APPLIED_HEADER}},
    **UNCHANGED,
}
"""For `responses=`: an answer that has a tag and can be waited for."""


@dataclass(frozen=True, slots=True)
class Waiting:
    services: Services
    realm: Realm
    job_id: str
    patience_s: int | None
    response: Response

    async def until(self, is_news: Callable[[Standing], bool]) -> None:
        """Returns when there is news, when patience is over, and when the process ends."""
        if self.patience_s is None:
            return
        self.response.headers[APPLIED] = f"wait={self.patience_s}"
        watch, clock = self.services.watch, asyncio.get_running_loop().time
        end = clock() + self.patience_s
        standing = await run_in_threadpool(self._standing)
        while not is_news(standing) and not watch.closing:
            if not await watch.differs(self.job_id, standing.version, end - clock()):
                return
            standing = await run_in_threadpool(self._standing)

    def _standing(self) -> Standing:
        with ReadOnly(self.services.sessions) as uow:
            return uow.standings.of(self.realm, self.job_id)


async def waiting(
    who: JobsReader,
    job_id: JobId,
    patience_s: PatienceS,
    services: ServicesHere,
    response: Response,
) -> Waiting:
    return Waiting(services, who.realm, job_id, patience_s, response)


News = Annotated[Waiting, Depends(waiting)]


async def job_news(news: News, seen: SeenTags) -> None:
    """Without a tag everything is news, and nothing is waited for. That others in the queue went
    first is none.
    """
    known = None if seen.tags is None else versions_in(seen.tags)
    if known is not None:
        await news.until(lambda standing: standing.version not in known)


async def event_news(request: Request, news: News, after_seq: AfterSeq = 0) -> None:
    """A stream waits by itself."""
    if not wants(request, stream.MEDIA_TYPE):
        await news.until(lambda standing: standing.last_event > after_seq)


async def verdict_news(news: News, seen: SeenTags) -> None:
    """Without a tag it is the verdict itself that is waited for."""
    if seen.tags is None:
        await news.until(lambda standing: is_terminal(standing.state))
    else:
        await news.until(lambda standing: not seen.has(tags.of_verdict(standing)))
