"""Endpoints of what is done to a job that is there: cancel, pause, resume."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from api.auth import JobsWriter, authenticate
from api.bodies import body_or_none, takes
from api.jobs import service
from api.jobs.schemas import Job, ResumeRequest, VerbRequest
from api.once import Acting, OnceRoute
from api.paths import JobId
from api.preconditions import IfMatch
from api.problems import problems
from api.unit import Work
from stillhouse.store.steering import Steered
from stillhouse.store.tables.machinery import Bell

router = APIRouter(
    route_class=OnceRoute,
    prefix="/v1/jobs/{job_id}",
    tags=["jobs"],
    dependencies=[Depends(authenticate)],
    responses=problems(401, 403),
)
ALREADY = {"model": Job, "description": "It was there, or on its way there, already."}
REFUSALS: dict[int | str, dict[str, Any]] = {
    200: ALREADY,
    **problems(400, 404, 409, 412, 413, 422),
}


Asked = Annotated[VerbRequest, body_or_none(VerbRequest)]


@router.post(
    "/cancel",
    status_code=202,
    operation_id="cancel_job",
    openapi_extra=takes(VerbRequest, required=False),
    responses=REFUSALS,
)
def cancel_job(
    who: JobsWriter,
    job_id: JobId,
    asked: Asked,
    if_match: IfMatch,
    response: Response,
    uow: Acting,
) -> Job:
    """Ask for the end of a job. It is `cancelled` once its process is gone, and not before."""
    steered = uow.steering.cancel(who.realm, job_id, reason=asked.reason, if_versions=if_match)
    return _told(steered, response, uow)


@router.post(
    "/pause",
    status_code=202,
    operation_id="pause_job",
    openapi_extra=takes(VerbRequest, required=False),
    responses=REFUSALS,
)
def pause_job(
    who: JobsWriter,
    job_id: JobId,
    asked: Asked,
    if_match: IfMatch,
    response: Response,
    uow: Acting,
) -> Job:
    """Save where a job is and free its worker. It is `paused` once its process is gone."""
    steered = uow.steering.pause(who.realm, job_id, reason=asked.reason, if_versions=if_match)
    return _told(steered, response, uow)


@router.post(
    "/resume",
    status_code=202,
    operation_id="resume_job",
    openapi_extra=takes(ResumeRequest, required=False),
    responses=REFUSALS,
)
def resume_job(
    who: JobsWriter,
    job_id: JobId,
    asked: Annotated[ResumeRequest, body_or_none(ResumeRequest)],
    if_match: IfMatch,
    response: Response,
    uow: Acting,
) -> Job:
    """Queue a paused job again: it goes on from where it was, to the same weights. With
    `extra_epochs`, to those of a job that had so many more from its start; pointers of a refusal
    are then those of the specification that comes of it.
    """
    steered = uow.steering.resume(
        who.realm,
        job_id,
        reason=asked.reason,
        extra_epochs=asked.extra_epochs,
        if_versions=if_match,
    )
    if steered.changed:
        uow.ring_after_commit(Bell.JOB, job_id, steered.job.queue)
    return _told(steered, response, uow)


def _told(steered: Steered, response: Response, uow: Work) -> Job:
    response.status_code = 202 if steered.changed else 200
    return service.shown_one(uow, steered.job)
