"""The report of a job as an answer of its own: what a page shows needs no second request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, Response

from api.artifacts import content
from api.auth import ArtifactsReader, authenticate
from api.paths import JobId
from api.problems import problems
from api.services import ServicesHere
from api.tags import TAG_HEADER, UNCHANGED, SeenTags
from api.unit import Reading
from kd_core.report import Report
from stillhouse.domain.errors import NotFound, NotSucceeded
from stillhouse.domain.job import State
from stillhouse.store.artifacts import REPORT

router = APIRouter(
    prefix="/v1/jobs/{job_id}",
    tags=["artifacts"],
    dependencies=[Depends(authenticate)],
    responses=problems(401, 403, 404, 422),
)
MEDIA_TYPE = "application/json"
SHOWN: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "report.json of the job, as it lies among its artifacts.",
        "headers": TAG_HEADER,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Report"}}},
    },
    **UNCHANGED,
}


@router.get(
    "/report",
    operation_id="get_job_report",
    response_class=Response,
    responses={**SHOWN, **problems(409, 500)},
)
def get_job_report(
    who: ArtifactsReader, job_id: JobId, seen: SeenTags, services: ServicesHere, uow: Reading
) -> Response:
    """What a job has measured, once it has succeeded: teacher, student and files, diagnosis, gates.
    What was not measured is left out.
    """
    job = uow.jobs.get(who.realm, job_id)
    if job.state is not State.SUCCEEDED:
        raise NotSucceeded(job.id, job.state)
    found = uow.artifacts.named(who.realm.tenant_id, job.id, REPORT)
    if found is None:
        raise NotFound("report of", job.id)
    seen.unless(content.tag(found.blob_sha256))
    told = b"".join(services.blobs.read_whole(found.blob_sha256))
    return Response(told, headers=content.validators(found.blob_sha256), media_type=MEDIA_TYPE)


def report_schemas(template: str) -> Mapping[str, Any]:
    """Of the document as it is written, whose first key is a word that Python's model has taken."""
    schema = Report.model_json_schema(ref_template=template)
    nested = schema.pop("$defs")
    fields = schema["properties"]
    schema["properties"] = {"schema": fields.pop("schema_version"), **fields}
    schema["required"] = ["schema", "baseline", "kd_gain", *schema["required"]]
    schemas = {**nested, "Report": schema}
    for one in schemas.values():
        del one["additionalProperties"]  # a newer service may tell more
    return schemas
