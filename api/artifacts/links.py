"""Links to artifacts: made with a key, followed without one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api import example_ids
from api.addresses import at
from api.answers import Answer
from api.artifacts import content
from api.artifacts.routes import CONTENT, RANGED
from api.auth import ArtifactsReader
from api.paths import ArtifactId
from api.problems import problems
from api.services import ServicesHere
from api.unit import Reading, Writing

router = APIRouter(prefix="/v1", tags=["artifacts"])
PATH = "/links/{token}"
Token = Annotated[str, Path(description="As the link has it.", examples=[example_ids.LINK])]


class Link(Answer):
    url: str
    """A path of this service, as all links are. Whoever has it gets the file without a key."""
    expires_at: datetime
    """From then on it is refused: five minutes after it was made."""


@router.post(
    "/artifacts/{artifact_id}/link",
    operation_id="link_artifact",
    responses=problems(401, 403, 404, 422),
)
def link_artifact(who: ArtifactsReader, artifact_id: ArtifactId, uow: Writing) -> Link:
    """An address of the bytes that needs no key, for five minutes."""
    artifact = uow.artifacts.find(who.realm, artifact_id)
    token, grant = uow.links.make(who.realm.tenant_id, artifact.id)
    return Link(url=at(f"{router.prefix}/links/{token}"), expires_at=grant.expires_at)


@router.head(PATH, include_in_schema=False)
@router.get(
    PATH,
    operation_id="get_linked_content",
    response_class=Response,
    responses={**problems(403, 404, 422), **CONTENT},
    openapi_extra=RANGED,
)
def get_linked_content(
    token: Token, request: Request, services: ServicesHere, uow: Reading
) -> Response:
    """The bytes of the artifact that the link was made for, as its own address gives them."""
    grant = uow.links.granted(token)
    artifact = uow.artifacts.find(grant.tenant_id, grant.artifact_id)
    return content.answer(request, services.blobs, artifact)
