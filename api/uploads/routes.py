"""Endpoints of uploads."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from api import pages, tags
from api.addresses import at
from api.auth import Authenticated, DataWriter, authenticate
from api.bodies import BINARY, body, takes
from api.once import Acting, OnceRoute
from api.pages import Paging
from api.paths import UploadId
from api.problems import problems
from api.services import ServicesHere
from api.tags import TAGGED, SeenTags
from api.unit import Reading, Writing
from api.uploads import parts, service
from api.uploads.schemas import NewUpload, Upload, UploadPage, UploadPart, UploadSummary
from stillhouse.domain.uploads import MAX_PARTS, UploadState
from stillhouse.store import ReadOnly

router = APIRouter(
    route_class=OnceRoute,
    prefix="/v1/uploads",
    tags=["uploads"],
    dependencies=[Depends(authenticate)],
    responses=problems(401, 403),
)
RAW: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": BINARY}},
    }
}
PartNumber = Annotated[int, Path(ge=1, le=MAX_PARTS, description="Counted from 1.", examples=[1])]
StateAsked = Annotated[UploadState | None, Query(description="Only uploads in this state.")]
ContentDigest = Annotated[
    str | None,
    Header(max_length=1000, description="RFC 9530: sha-256=:<base64>:; other bytes are refused."),
]


@router.post(
    "",
    status_code=201,
    operation_id="create_upload",
    openapi_extra=takes(NewUpload),
    responses=problems(400, 409, 413, 422, 507),
)
def create_upload(
    who: DataWriter,
    new: Annotated[NewUpload, body(NewUpload)],
    services: ServicesHere,
    response: Response,
    uow: Acting,
) -> Upload:
    """Announce a file. Its answer is complete at once when you have sent these bytes before."""
    upload = service.announce(services, uow, who.realm, new)
    response.headers["Location"] = at(f"/v1/uploads/{upload.id}")
    return Upload.with_parts(uow, upload)


@router.get("", operation_id="list_uploads", responses={**TAGGED, **problems(422)})
def list_uploads(
    who: Authenticated,
    paging: Paging,
    request: Request,
    response: Response,
    seen: SeenTags,
    uow: Reading,
    state: StateAsked = None,
) -> UploadPage:
    """Your uploads: those that are under way, and those that are complete and not forgotten."""
    page = uow.uploads.page(who.realm, state=state, limit=paging.limit, cursor=paging.cursor)
    fields = pages.fields_of(page, request, response)
    seen.unless(tags.of_page(page.items, fields))
    received = uow.uploads.received(page.items)
    shown = [UploadSummary.of(upload, received[upload.id]) for upload in page.items]
    return UploadPage(data=shown, **fields)


@router.get("/{upload_id}", operation_id="get_upload", responses=problems(404, 422))
def get_upload(who: Authenticated, upload_id: UploadId, uow: Reading) -> Upload:
    """An upload and the parts that have arrived: what to send after an interruption."""
    return Upload.with_parts(uow, uow.uploads.get(who.realm, upload_id))


@router.put(
    "/{upload_id}/parts/{number}",
    operation_id="put_upload_part",
    openapi_extra=RAW,
    responses=problems(400, 404, 409, 413, 422, 507),
)
async def put_upload_part(
    who: DataWriter,
    upload_id: UploadId,
    number: PartNumber,
    request: Request,
    services: ServicesHere,
    content_digest: ContentDigest = None,
) -> UploadPart:
    """Send one part as the raw body, in any order. Sent again, it replaces what was there."""
    part = await parts.receive(services, who.realm, upload_id, number, request, content_digest)
    return UploadPart.of(part)


@router.post(
    "/{upload_id}/complete",
    operation_id="complete_upload",
    responses=problems(400, 404, 409, 422, 507),
)
def complete_upload(who: DataWriter, upload_id: UploadId, services: ServicesHere) -> Upload:
    """Put the parts together and check the digest of the whole."""
    upload = service.complete(services, who.realm, upload_id)
    with ReadOnly(services.sessions) as uow:
        return Upload.with_parts(uow, upload)


@router.delete(
    "/{upload_id}", status_code=204, operation_id="delete_upload", responses=problems(404, 422)
)
def delete_upload(who: DataWriter, upload_id: UploadId, uow: Writing) -> None:
    """Forget an upload; what was made from it stays."""
    uow.uploads.delete(who.realm, upload_id)
