"""Endpoints of artifacts."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from api.artifacts import bundle, content
from api.artifacts.schemas import Artifact, ArtifactList
from api.auth import ArtifactsReader, authenticate
from api.bodies import BINARY
from api.paths import ArtifactId, JobId
from api.problems import problems
from api.services import ServicesHere
from api.unit import Reading

router = APIRouter(
    prefix="/v1",
    tags=["artifacts"],
    dependencies=[Depends(authenticate)],
    responses=problems(401, 403, 404, 422),
)
PATH = "/artifacts/{artifact_id}/content"
BUNDLE_PATH = "/jobs/{job_id}/bundle"


def _bytes(media_type: str, *refusals: int) -> dict[int | str, dict[str, Any]]:
    content = {media_type: {"schema": BINARY}}
    return {
        200: {"description": "All bytes.", "content": content},
        206: {"description": "The bytes of the range.", "content": content},
        304: {"description": "You have these bytes: If-None-Match names them."},
        **problems(*refusals),
    }


RANGED: dict[str, Any] = {
    "parameters": [
        {
            "name": name,
            "in": "header",
            "required": False,
            "description": description,
            "schema": {"type": "string", "examples": [example]},
        }
        for name, description, example in (
            (
                "Range",
                "Only these bytes, counted from 0; of several ranges, everything.",
                "bytes=0-",
            ),
            (
                "If-Range",
                "The range only of the bytes with this ETag; otherwise everything.",
                '"x"',
            ),
            ("If-None-Match", "The ETag of bytes that you have: then a 304.", '"x"'),
        )
    ]
}
"""For `openapi_extra`: what the content itself reads of the headers."""
CONTENT = _bytes("application/octet-stream", 416, 500)
BUNDLE = _bytes(bundle.MEDIA_TYPE, 409, 416, 500)


@router.get("/jobs/{job_id}/artifacts", operation_id="list_artifacts")
def list_artifacts(who: ArtifactsReader, job_id: JobId, uow: Reading) -> ArtifactList:
    """What a job has made."""
    uow.jobs.get(who.realm, job_id)
    made = uow.artifacts.of_job(who.realm.tenant_id, job_id)
    return ArtifactList(data=[Artifact.of(artifact) for artifact in made])


@router.head(BUNDLE_PATH, include_in_schema=False)
@router.get(
    BUNDLE_PATH,
    operation_id="get_job_bundle",
    response_class=Response,
    responses=BUNDLE,
    openapi_extra=RANGED,
)
def get_job_bundle(
    who: ArtifactsReader, job_id: JobId, request: Request, services: ServicesHere, uow: Reading
) -> Response:
    """Everything that a job has made as one tar, which is the same whenever it is asked for; Range
    and If-Range go on with a download.
    """
    job = uow.jobs.get(who.realm, job_id)
    made = uow.artifacts.of_job(who.realm.tenant_id, job_id)
    return bundle.answer(request, services.blobs, job, made)


@router.get("/artifacts/{artifact_id}", operation_id="get_artifact")
def get_artifact(who: ArtifactsReader, artifact_id: ArtifactId, uow: Reading) -> Artifact:
    """One artifact, without its bytes."""
    return Artifact.of(uow.artifacts.find(who.realm, artifact_id))


@router.head(PATH, include_in_schema=False)
@router.get(
    PATH,
    operation_id="get_artifact_content",
    response_class=Response,
    responses=CONTENT,
    openapi_extra=RANGED,
)
def get_artifact_content(
    who: ArtifactsReader,
    artifact_id: ArtifactId,
    request: Request,
    services: ServicesHere,
    uow: Reading,
) -> Response:
    """The bytes; Range and If-Range go on with a download, the ETag is their SHA-256."""
    return content.answer(request, services.blobs, uow.artifacts.find(who.realm, artifact_id))
