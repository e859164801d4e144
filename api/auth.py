"""Who is asking: an API key in the header, looked up before anything of the body is read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

import structlog
from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.services import Services, ServicesHere
from stillhouse.domain.errors import Forbidden, Unauthenticated, Unavailable
from stillhouse.domain.keys import Principal, Scope
from stillhouse.store import ReadOnly, UnitOfWork

log = structlog.get_logger(__name__)

bearer = HTTPBearer(
    scheme_name="api_key",
    bearerFormat="sh_live_<id>_<secret>",
    description="`POST /v1/keys` makes one, and the first one `stillhouse-admin create-key`. It "
    "is of one tenant, or of one project of it.",
    auto_error=False,
)


def authenticate(
    services: ServicesHere,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Principal:
    if credentials is None:
        raise Unauthenticated(
            "this request has no API key", hint="send the header Authorization: Bearer sh_live_..."
        )
    with ReadOnly(services.sessions) as uow:
        principal = uow.keys.authenticate(credentials.credentials)
    if principal.touch_due:
        _touch(services, principal)
    return principal


def _touch(services: Services, principal: Principal) -> None:
    """Nobody is refused because the moment of the last use could not be written down; and where
    the database is slow to take it, one thread waits for that, and not all there are.
    """
    if not services.touching.acquire(blocking=False):
        return
    try:
        with UnitOfWork(services.sessions) as uow:
            uow.keys.touch(principal.key_id)
    except Unavailable as error:
        log.warning("key.untouched", key_id=principal.key_id, reason=error.detail)
    finally:
        services.touching.release()


Authenticated = Annotated[Principal, Depends(authenticate)]


SCOPES: dict[Callable[..., object], Scope] = {}
"""What a dependency asks of a key: the document tells it of every operation that has one."""


def _with(scope: Scope) -> Callable[[Principal], Awaitable[Principal]]:
    async def allowed(principal: Authenticated) -> Principal:
        if not principal.may(scope):
            raise Forbidden(
                f"this API key lacks the scope {scope.value}",
                hint="use a key that has it",
                needed=scope.value,
            )
        return principal

    SCOPES[allowed] = scope
    return allowed


JobsReader = Annotated[Principal, Depends(_with(Scope.JOBS_READ))]
JobsWriter = Annotated[Principal, Depends(_with(Scope.JOBS_WRITE))]
DataWriter = Annotated[Principal, Depends(_with(Scope.DATA_WRITE))]
KeysAdmin = Annotated[Principal, Depends(_with(Scope.ADMIN))]
ArtifactsReader = Annotated[Principal, Depends(_with(Scope.ARTIFACTS_READ))]
