"""Endpoints that keep the list of jobs in order: change, delete, restore."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.auth import JobsWriter, authenticate
from api.bodies import body, body_or_none, takes
from api.jobs import service
from api.jobs.schemas import Job, JobPatch, VerbRequest
from api.once import Acting, OnceRoute
from api.paths import JobId
from api.preconditions import IfMatch
from api.problems import problems
from api.unit import Writing
from stillhouse.domain.tags import tag

router = APIRouter(
    route_class=OnceRoute,
    prefix="/v1/jobs/{job_id:job}",
    tags=["jobs"],
    dependencies=[Depends(authenticate)],
    responses=problems(401, 403),
)


@router.patch(
    "",
    operation_id="update_job",
    openapi_extra=takes(JobPatch),
    responses=problems(400, 404, 409, 412, 413, 422),
)
def update_job(
    who: JobsWriter,
    job_id: JobId,
    patch: Annotated[JobPatch, body(JobPatch)],
    if_match: IfMatch,
    response: Response,
    uow: Writing,
) -> Job:
    """Change what a job is called, its labels, or, while it waits, its priority."""
    job = uow.steering.change(who.realm, job_id, patch.changes, if_versions=if_match)
    response.headers["ETag"] = tag(job.version)
    return service.shown_one(uow, job)


@router.delete(
    "", status_code=204, operation_id="delete_job", responses=problems(404, 409, 412, 422)
)
def delete_job(who: JobsWriter, job_id: JobId, if_match: IfMatch, uow: Writing) -> None:
    """Put a job that is over in the trash, with all that it made. For some days it can be
    restored.
    """
    uow.trash.put(who.realm, job_id, if_versions=if_match)


@router.post(
    "/restore",
    status_code=202,
    operation_id="restore_job",
    openapi_extra=takes(VerbRequest, required=False),
    responses={
        200: {"model": Job, "description": "It was not in the trash."},
        **problems(400, 404, 409, 412, 413, 422),
    },
)
def restore_job(
    who: JobsWriter,
    job_id: JobId,
    _asked: Annotated[VerbRequest, body_or_none(VerbRequest)],
    if_match: IfMatch,
    response: Response,
    uow: Acting,
) -> Job:
    """Take a job out of the trash again."""
    restored = uow.trash.restore(who.realm, job_id, if_versions=if_match)
    response.status_code = 202 if restored.changed else 200
    return service.shown_one(uow, restored.job)
