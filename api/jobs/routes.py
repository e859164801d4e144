"""Endpoints of jobs."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from api import pages, tags
from api.addresses import at
from api.auth import JobsReader, JobsWriter, authenticate
from api.bodies import Document, takes
from api.jobs import lists, service
from api.jobs.news import WATCHED, job_news
from api.jobs.schemas import Job, JobPage, Validation
from api.jobs.unchanged import PolledRoute
from api.once import Acting, OnceRoute
from api.paths import JobId
from api.problems import problems
from api.services import ServicesHere
from api.tags import TAGGED, Seen, SeenTags
from api.unit import Reading
from stillhouse.domain.job import State
from stillhouse.domain.job_spec import JobSpec
from stillhouse.domain.tags import tag
from stillhouse.store import UnitOfWork
from stillhouse.store.tables import JobRow
from stillhouse.store.tables.machinery import Bell

router = APIRouter(
    route_class=OnceRoute,
    prefix="/v1/jobs",
    tags=["jobs"],
    dependencies=[Depends(authenticate)],
    responses=problems(401, 403),
)

polled = APIRouter(
    route_class=PolledRoute,
    prefix="/v1/jobs",
    tags=["jobs"],
    dependencies=[Depends(authenticate)],
    responses=problems(401, 403),
)


@router.post(
    "",
    status_code=202,
    operation_id="create_job",
    openapi_extra=takes(JobSpec),
    responses={
        200: {"model": Job, "description": "There was such a job already, and `reuse` was asked."},
        **problems(400, 409, 413, 422),
    },
)
def create_job(
    who: JobsWriter, document: Document, services: ServicesHere, response: Response, uow: Acting
) -> Job:
    """Submit a job: it is queued, and a worker takes it when its turn comes."""
    job, is_new = service.submit(services, uow, who.realm, document)
    if is_new:
        uow.ring_after_commit(Bell.JOB, job.id, job.queue)
    response.status_code = 202 if is_new else 200
    response.headers["Location"] = at(f"/v1/jobs/{job.id}")
    return service.shown_one(uow, job)


@router.post(
    "/validate",
    operation_id="validate_job",
    openapi_extra=takes(JobSpec),
    responses=problems(400, 413, 422),
)
def validate_job(
    who: JobsWriter, document: Document, services: ServicesHere, uow: Reading
) -> Validation:
    """What submitting would say, every problem at once; nothing is kept."""
    return service.validate(services, uow, who.realm, document)


@router.get(
    "",
    operation_id="list_jobs",
    dependencies=[lists.Strict],
    responses={**TAGGED, **problems(422)},
)
def list_jobs(
    who: JobsReader,
    asked: lists.Asked,
    request: Request,
    response: Response,
    seen: SeenTags,
    uow: Reading,
) -> JobPage:
    """Your jobs, the newest first unless `sort` says otherwise."""
    page = uow.jobs.page(
        who.realm, limit=asked.limit, cursor=asked.place, order=asked.order, **asked.wanted
    )
    fields = pages.fields_of(page, request, response)
    seen.unless(tags.of_page(page.items, fields))
    return JobPage(data=service.shown(uow, page.items), **fields)


@polled.get(
    "/{job_id:job}",
    operation_id="get_job",
    dependencies=[Depends(job_news)],
    responses={**WATCHED, **problems(404, 422)},
)
def get_job(who: JobsReader, job_id: JobId, seen: SeenTags, uow: Reading) -> Job:
    """A job as it is now."""
    standing = uow.standings.of(who.realm, job_id)
    if standing.state is State.QUEUED:
        return _waiting(uow, uow.jobs.get(who.realm, job_id), seen)
    seen.unless(tags.of_job(standing))
    return service.shown(uow, [uow.jobs.get(who.realm, job_id)])[0]


def _waiting(uow: UnitOfWork, job: JobRow, seen: Seen) -> Job:
    """Its place in the queue changes without it."""
    shown = service.shown_one(uow, job)
    place = f"{shown.queue.position}-{shown.queue.reason}" if shown.queue else ""
    seen.unless(tag(job.version, place))
    return shown
