"""Events as they happen: the event log once more, as server-sent events.

Every event has its `seq` as its id, so that a client that was cut off, by a proxy or by the end of
this process, goes on where it was: each event once, in order.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.sse import format_sse_event
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from api.accepting import wants
from api.auth import JobsReader
from api.jobs.record_schemas import Event
from api.pages import MAX_SEQ, AfterSeq
from api.paths import JobId
from api.services import Services, ServicesHere
from stillhouse.domain.errors import NotFound, TooManyStreams, Unavailable
from stillhouse.domain.job import is_terminal
from stillhouse.domain.realm import Realm
from stillhouse.store import ReadOnly
from stillhouse.store.standing import Standing
from stillhouse.store.tables import EventRow

MEDIA_TYPE = "text/event-stream"
KEEP_ALIVE_S = 15
"""Proxies end what is silent for longer than they like, and half a minute is common."""
LONGEST_S = 900
"""Whoever goes on shows the key again: one that was revoked reads on for no longer than this."""
BATCH = 200
STREAMS_OF_A_KEY = 100
RETRY = b"retry: 3000\n\n"
KEEP_ALIVE = b": ka\n\n"
HEADERS = {
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",  # nginx keeps nothing back
    "Vary": "Accept",
}
EXAMPLE = """retry: 3000

event: job.started
data: {"seq":4,"type":"job.started","at":"2026-01-01T12:00:00Z","attempt":1,"data":{}}
id: 4

: ka

event: end
data: {"state": "succeeded"}

"""
STREAMED: dict[str, Any] = {MEDIA_TYPE: {"schema": {"type": "string"}, "example": EXAMPLE}}
"""For `responses=`."""

LastEventId = Annotated[
    int | None,
    Header(
        alias="Last-Event-ID",
        ge=0,
        le=MAX_SEQ,
        description="Of a stream: the id of the last event that came; goes before `after_seq`.",
    ),
]


class EventStream(StreamingResponse):
    def __init__(self, story: Story) -> None:
        super().__init__(story.told(), media_type=MEDIA_TYPE, headers=HEADERS)


@dataclass(frozen=True, slots=True)
class Story:
    """The events of a job after one of them, to its end."""

    services: Services
    realm: Realm
    job_id: str
    after_seq: int

    async def told(self) -> AsyncIterator[bytes]:
        yield RETRY
        try:
            async for chunk in self._told():
                yield chunk
        except (NotFound, Unavailable):  # whoever comes again is told so
            return

    async def _told(self) -> AsyncIterator[bytes]:
        watch, clock = self.services.watch, asyncio.get_running_loop().time
        seq, end = self.after_seq, clock() + LONGEST_S
        while clock() < end and not watch.closing:
            standing, events = await run_in_threadpool(self._read, seq)
            for chunk in _chunks(seq, standing, events):
                yield chunk
            seq = events[-1].seq if events else max(seq, standing.last_event)
            if len(events) == BATCH:
                continue
            if is_terminal(standing.state):
                yield _said("end", {"state": standing.state.value})
                return
            if not await watch.differs(self.job_id, standing.version, KEEP_ALIVE_S):
                yield KEEP_ALIVE

    def _read(self, seq: int) -> tuple[Standing, Sequence[EventRow]]:
        """The standing first: once it is final, no event comes after those that are read next."""
        with ReadOnly(self.services.sessions) as uow:
            standing = uow.standings.of(self.realm, self.job_id)
            return standing, uow.events.after(self.realm.tenant_id, self.job_id, seq, limit=BATCH)


async def stream_asked(
    request: Request,
    who: JobsReader,
    job_id: JobId,
    services: ServicesHere,
    after_seq: AfterSeq = 0,
    last_event_id: LastEventId = None,
) -> AsyncIterator[EventStream | None]:
    """Counted until the last byte is sent, so that nobody's key takes every connection."""
    if not wants(request, MEDIA_TYPE):
        yield None
        return
    opened = services.streams
    if opened[who.key_id] >= STREAMS_OF_A_KEY:
        raise TooManyStreams(
            f"this key reads {STREAMS_OF_A_KEY} streams already",
            hint="end one of them, or ask without a stream: Prefer: wait=20",
        )
    opened[who.key_id] += 1
    try:
        begin = after_seq if last_event_id is None else last_event_id
        yield EventStream(Story(services, who.realm, job_id, begin))
    finally:
        opened[who.key_id] -= 1


StreamAsked = Annotated[EventStream | None, Depends(stream_asked, scope="request")]


def _chunks(seq: int, standing: Standing, events: Sequence[EventRow]) -> Iterator[bytes]:
    """Events are numbered without a gap: where one is missing, it was swept away."""
    for event in events:
        if event.seq > seq + 1:
            yield _gap(seq, event.seq - 1)
        told = Event.of(event).model_dump_json()
        yield format_sse_event(data_str=told, event=event.type, id=str(event.seq))
        seq = event.seq
    if not events and standing.last_event > seq:
        yield _gap(seq, standing.last_event)


def _gap(seen: int, last: int) -> bytes:
    return _said("gap", {"first": seen + 1, "last": last}, str(last))


def _said(kind: str, data: Mapping[str, Any], identity: str | None = None) -> bytes:
    return format_sse_event(data_str=json.dumps(data), event=kind, id=identity)
