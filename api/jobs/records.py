"""Endpoints of what a job leaves in the books: events, metrics and the verdict."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api import tags
from api.auth import JobsReader, authenticate
from api.jobs.news import WATCHED, event_news, verdict_news
from api.jobs.record_schemas import (
    Event,
    EventTail,
    JobVerdict,
    Metrics,
    MetricSeries,
)
from api.jobs.stream import STREAMED, EventStream, StreamAsked
from api.pages import MAX_SEQ, AfterSeq, Rows, stretch
from api.paths import JobId
from api.problems import problems
from api.tags import TAGGED, SeenTags
from api.unit import Reading
from stillhouse.domain.text import is_storable

router = APIRouter(
    prefix="/v1/jobs/{job_id}",
    tags=["jobs"],
    dependencies=[Depends(authenticate)],
    responses=problems(401, 403, 404, 422),
)
Names = Annotated[
    str, Query(max_length=4000, description="Names of series, separated by commas; else all.")
]
SinceStep = Annotated[int, Query(ge=0, le=MAX_SEQ, description="Only points from this step on.")]
UntilStep = Annotated[
    int | None, Query(ge=0, le=MAX_SEQ, description="Only points up to this step, itself included.")
]
OfAttempt = Annotated[
    int | None, Query(ge=1, le=MAX_SEQ, description="Only what this attempt measured.")
]
MaxPoints = Annotated[int, Query(ge=2, le=10_000, description="How many points of each series.")]


@router.get(
    "/events",
    operation_id="list_events",
    dependencies=[Depends(event_news)],
    response_model=EventTail,
    responses={**WATCHED, 200: {**WATCHED[200], "content": STREAMED}, **problems(429)},
)
def list_events(
    who: JobsReader,
    job_id: JobId,
    response: Response,
    seen: SeenTags,
    stream: StreamAsked,
    uow: Reading,
    after_seq: AfterSeq = 0,
    limit: Rows = 200,
) -> EventTail | EventStream:
    """What happened to a job, in order, without a gap.

    With `Accept: text/event-stream` the events come as they happen, each with its `seq` as id. A
    `gap` tells of events that were swept away, `end` that there will be no more.
    """
    standing = uow.standings.of(who.realm, job_id)
    if stream is not None:
        return stream
    response.headers["Vary"] = "Accept"
    seen.unless(tags.of_job(standing))
    found = uow.events.after(who.realm.tenant_id, job_id, after_seq, limit=limit + 1)
    events, more = stretch(found, limit)
    last = events[-1].seq if events else after_seq
    return EventTail(data=[Event.of(event) for event in events], next_after_seq=last, has_more=more)


@router.get("/metrics", operation_id="get_metrics", responses=TAGGED)
def get_metrics(
    who: JobsReader,
    job_id: JobId,
    seen: SeenTags,
    uow: Reading,
    names: Names = "",
    since_step: SinceStep = 0,
    until_step: UntilStep = None,
    max_points: MaxPoints = 300,
    attempt: OfAttempt = None,
) -> Metrics:
    """The curves of a job. A step that was done again has its later value."""
    seen.unless(tags.of_job(uow.standings.of(who.realm, job_id)))
    series = uow.metrics.series(
        who.realm.tenant_id,
        job_id,
        names=[name for name in names.split(",") if name and is_storable(name)],
        since_step=since_step,
        until_step=until_step,
        max_points=max_points,
        attempt=attempt,
    )
    return Metrics(series=[MetricSeries.of(one) for one in series])


@router.get(
    "/verdict", operation_id="get_verdict", dependencies=[Depends(verdict_news)], responses=WATCHED
)
def get_verdict(who: JobsReader, job_id: JobId, seen: SeenTags, uow: Reading) -> JobVerdict:
    """What the gates of a job say: one word, and each gate with its number."""
    seen.unless(tags.of_verdict(uow.standings.of(who.realm, job_id)))
    return JobVerdict.of(uow.jobs.get(who.realm, job_id))
