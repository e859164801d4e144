"""Signing in without handing on a key: a code that is good once, for a key of one day."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from api.answers import Answer
from api.auth import Authenticated
from api.bodies import body_of_anybody, takes
from api.keys.schemas import NOT_KEPT
from api.problems import problems
from api.unit import Writing
from kd_core.spec.section import Section
from stillhouse.domain.sign_in import ASKED_FOR_LIFETIME

router = APIRouter(prefix="/v1", tags=["keys"])
LONGEST = 200


class SignInCode(Answer):
    code: str
    """sh_code_...: what `POST /v1/sign-in` takes, once."""
    expires_at: datetime
    """From then on it is refused: a minute after it was made."""


class SignIn(Section):
    code: Annotated[str, Field(max_length=LONGEST)]
    """As `POST /v1/sign-in-codes`, `still open` or `still up` gave it."""


class SignedIn(Answer):
    key: str
    """sh_live_...: what `Authorization: Bearer` takes."""
    expires_at: datetime
    """From then on it is refused: after a day, or when the key that asked for the code expires."""


@router.post(
    "/sign-in-codes",
    status_code=201,
    operation_id="create_sign_in_code",
    responses=problems(401),
)
def create_sign_in_code(who: Authenticated, response: Response, uow: Writing) -> SignInCode:
    """A code that signs a browser in as this key, without the key in an address: `#code=...`. It is
    void as soon as the key is rotated or revoked.
    """
    response.headers.update(NOT_KEPT)
    code, expires_at = uow.sign_ins.new_code(who.realm, who.key_id, ASKED_FOR_LIFETIME)
    return SignInCode(code=code, expires_at=expires_at)


@router.post(
    "/sign-in",
    status_code=201,
    operation_id="sign_in",
    openapi_extra=takes(SignIn),
    responses=problems(400, 401, 413, 422),
)
def sign_in(
    asked: Annotated[SignIn, body_of_anybody(SignIn)], response: Response, uow: Writing
) -> SignedIn:
    """Exchange a code for a key with the tenant, project and scopes of the one that asked for it.
    The code is all that is needed. The key ends with that one, and after a day at the latest.
    """
    response.headers.update(NOT_KEPT)
    token, expires_at = uow.sign_ins.exchange(asked.code)
    return SignedIn(key=token, expires_at=expires_at)
