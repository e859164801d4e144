"""Endpoints of API keys.

None of them takes an Idempotency-Key: the answer that would have to be kept for a repetition has a
secret in it. Whoever has lost an answer makes another key, or rotates again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api import pages
from api.addresses import at
from api.auth import Authenticated, KeysAdmin, authenticate
from api.bodies import body, body_or_none, takes
from api.keys.schemas import NOT_KEPT, Key, KeyPage, KeyWithToken, Me, NewKey, Rotation
from api.pages import Paging
from api.paths import KeyId
from api.problems import problems
from api.unit import Reading, Writing
from stillhouse.domain.keys import Scope

router = APIRouter(
    prefix="/v1", tags=["keys"], dependencies=[Depends(authenticate)], responses=problems(401)
)


@router.post(
    "/keys",
    status_code=201,
    operation_id="create_key",
    openapi_extra=takes(NewKey),
    responses=problems(400, 403, 413, 422),
)
def create_key(
    who: KeysAdmin, new: Annotated[NewKey, body(NewKey)], response: Response, uow: Writing
) -> KeyWithToken:
    """Make a key. Its token is in this answer and nowhere else."""
    realm = who.realm.narrowed(new.project)
    key, token = uow.keys.create(realm, new.name, set(map(Scope, new.scopes)), new.expires_at)
    response.headers.update({**NOT_KEPT, "Location": at(f"/v1/keys/{key.id}")})
    return KeyWithToken.made(key, token)


@router.get("/keys", operation_id="list_keys", responses=problems(403, 422))
def list_keys(
    who: KeysAdmin, paging: Paging, request: Request, response: Response, uow: Reading
) -> KeyPage:
    """The keys of your tenant, or of your project, without those that were revoked."""
    page = uow.keys.page(who.realm, limit=paging.limit, cursor=paging.cursor)
    shown = [Key.of(key) for key in page.items]
    return KeyPage(data=shown, **pages.fields_of(page, request, response))


@router.get("/keys/{key_id}", operation_id="get_key", responses=problems(403, 404, 422))
def get_key(who: KeysAdmin, key_id: KeyId, uow: Reading) -> Key:
    """A key, without its secret."""
    return Key.of(uow.keys.get(who.realm, key_id))


@router.post(
    "/keys/{key_id}/rotate",
    operation_id="rotate_key",
    openapi_extra=takes(Rotation, required=False),
    responses=problems(400, 403, 404, 409, 413, 422),
)
def rotate_key(
    who: KeysAdmin,
    key_id: KeyId,
    asked: Annotated[Rotation, body_or_none(Rotation)],
    response: Response,
    uow: Writing,
) -> KeyWithToken:
    """Give a key a new secret. The one before is good for `overlap_s` longer, so that nothing that
    uses it has to stop; one that is older than that ends at once.
    """
    key, token = uow.keys.rotate(who.realm, key_id, timedelta(seconds=asked.overlap_s))
    response.headers.update(NOT_KEPT)
    return KeyWithToken.made(key, token)


@router.delete(
    "/keys/{key_id}",
    status_code=204,
    operation_id="delete_key",
    responses=problems(403, 404, 422),
)
def delete_key(who: KeysAdmin, key_id: KeyId, uow: Writing) -> None:
    """Revoke a key: from now on it is refused. What was made with it stays."""
    uow.keys.revoke(who.realm, key_id)


@router.get("/me", operation_id="get_me")
def get_me(who: Authenticated, uow: Reading) -> Me:
    """Who is asking: the key of this request, and what it may do."""
    key = uow.keys.get(who.realm.tenant_id, who.key_id)
    return Me(tenant=who.realm.tenant_id, key=Key.of(key))
