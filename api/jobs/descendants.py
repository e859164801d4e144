"""Endpoints that make a job from another one: retry and clone."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.addresses import at
from api.auth import JobsWriter, authenticate
from api.bodies import body_or_none, takes
from api.jobs import service
from api.jobs.schemas import CloneRequest, Job, RetryRequest
from api.once import Acting, OnceRoute
from api.paths import JobId
from api.preconditions import IfMatch
from api.problems import problems
from api.services import ServicesHere
from api.unit import Work
from stillhouse.store.tables import JobRow
from stillhouse.store.tables.machinery import Bell

router = APIRouter(
    route_class=OnceRoute,
    prefix="/v1/jobs/{job_id}",
    tags=["jobs"],
    dependencies=[Depends(authenticate)],
    responses=problems(401, 403),
)


@router.post(
    "/retry",
    status_code=202,
    operation_id="retry_job",
    openapi_extra=takes(RetryRequest, required=False),
    responses=problems(400, 404, 409, 412, 413, 422),
)
def retry_job(
    who: JobsWriter,
    job_id: JobId,
    asked: Annotated[RetryRequest, body_or_none(RetryRequest)],
    if_match: IfMatch,
    services: ServicesHere,
    response: Response,
    uow: Acting,
) -> Job:
    """Queue what failed, was cancelled or expired once more, as a new job with attempts and time
    of its own. It goes on from the last checkpoint of the one that ended.
    """
    parent = uow.steering.retryable(who.realm, job_id, if_versions=if_match)
    goes_on = not asked.from_start
    job = service.again(services, uow, who.realm, parent, goes_on=goes_on, reason=asked.reason)
    return _announced(job, response, uow)


@router.post(
    "/clone",
    status_code=202,
    operation_id="clone_job",
    openapi_extra=takes(CloneRequest, required=False),
    responses=problems(400, 404, 409, 413, 422),
)
def clone_job(
    who: JobsWriter,
    job_id: JobId,
    asked: Annotated[CloneRequest, body_or_none(CloneRequest)],
    services: ServicesHere,
    response: Response,
    uow: Acting,
) -> Job:
    """Submit the specification of a job again, from its start, with a patch over it. Pointers of
    a refusal are those of the specification that comes of it.
    """
    parent = uow.jobs.get(who.realm, job_id)
    job = service.again(services, uow, who.realm, parent, patch=asked.patch, reason=asked.reason)
    return _announced(job, response, uow)


def _announced(job: JobRow, response: Response, uow: Work) -> Job:
    uow.ring_after_commit(Bell.JOB, job.id, job.queue)
    response.headers["Location"] = at(f"/v1/jobs/{job.id}")
    return service.shown_one(uow, job)
