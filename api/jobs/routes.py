"""Endpoints of jobs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api import pages, tags
from api.auth import Authenticated, JobsReader, JobsWriter, authenticate
from api.bodies import MAX_JSON_BYTES, Document, limited, read_as, read_json, takes
from api.jobs import service
from api.jobs.news import WATCHED, job_news
from api.jobs.schemas import CancelRequest, Job, JobPage, Validation
from api.pages import Paging
from api.paths import JobId
from api.problems import problems
from api.services import ServicesHere
from api.tags import TAGGED, SeenTags
from api.unit import Reading, Writing
from stillhouse.domain.job import State
from stillhouse.domain.job_spec import JobSpec
from stillhouse.store.tables.machinery import Bell

router = APIRouter(
    prefix="/v1/jobs",
    tags=["jobs"],
    dependencies=[Depends(authenticate)],
    responses=problems(401, 403),
)
States = Annotated[
    list[State], Query(description="Only jobs in this state; given again, in any of them.")
]


async def cancel_request(request: Request, _who: Authenticated) -> CancelRequest:
    """There is nothing to say, as a rule: the body may be left out."""
    body = b"".join([chunk async for chunk in limited(request, MAX_JSON_BYTES)])
    return read_as(CancelRequest, read_json(body)) if body else CancelRequest()


@router.post(
    "",
    status_code=202,
    operation_id="create_job",
    openapi_extra=takes(JobSpec),
    responses=problems(400, 413, 422),
)
def create_job(
    who: JobsWriter, document: Document, services: ServicesHere, response: Response, uow: Writing
) -> Job:
    """Submit a job: it is queued, and a worker takes it when its turn comes."""
    job = service.submit(services, uow, who.tenant_id, document)
    uow.ring_after_commit(Bell.JOB, job.id, job.queue)
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return service.shown(uow, [job])[0]


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
    return service.validate(services, uow, who.tenant_id, document)


@router.get("", operation_id="list_jobs", responses={**TAGGED, **problems(422)})
def list_jobs(
    who: JobsReader,
    paging: Paging,
    request: Request,
    response: Response,
    seen: SeenTags,
    uow: Reading,
    state: States = [],  # noqa: B006 - FastAPI copies it
) -> JobPage:
    """Your jobs."""
    page = uow.jobs.page(who.tenant_id, limit=paging.limit, cursor=paging.cursor, states=state)
    fields = pages.fields_of(page, request, response)
    seen.unless(tags.of_page(page.items, fields))
    return JobPage(data=service.shown(uow, page.items), **fields)


@router.get(
    "/{job_id}",
    operation_id="get_job",
    dependencies=[Depends(job_news)],
    responses={**WATCHED, **problems(404, 422)},
)
def get_job(who: JobsReader, job_id: JobId, seen: SeenTags, uow: Reading) -> Job:
    """A job as it is now."""
    seen.unless(tags.of_job(uow.standings.of(who.tenant_id, job_id)))
    return service.shown(uow, [uow.jobs.get(who.tenant_id, job_id)])[0]


@router.post(
    "/{job_id}/cancel",
    status_code=202,
    operation_id="cancel_job",
    openapi_extra=takes(CancelRequest, required=False),
    responses={
        200: {"model": Job, "description": "It was cancelled, or on its way there, already."},
        **problems(400, 404, 409, 413, 422),
    },
)
def cancel_job(
    who: JobsWriter,
    job_id: JobId,
    asked: Annotated[CancelRequest, Depends(cancel_request)],
    response: Response,
    uow: Writing,
) -> Job:
    """Ask for the end of a job. It is `cancelled` once its process is gone, and not before."""
    job, changed = uow.jobs.request_cancel(who.tenant_id, job_id, reason=asked.reason)
    response.status_code = 202 if changed else 200
    return service.shown(uow, [job])[0]
