"""Idempotency keys: what was asked twice is done once, and answered twice alike.

The key, the work and the answer are one transaction. A twin that comes meanwhile waits for it. What
is refused has changed nothing, so nothing of it is kept and it may be asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from api.addresses import own_path
from api.auth import Authenticated
from api.bodies import MEDIA_TYPE, body_digest
from api.services import ServicesHere
from api.unit import WRITERS, Work, cause_of, rung
from stillhouse.domain.keys import Principal
from stillhouse.store import ReadOnly
from stillhouse.store.idempotency import Replay
from stillhouse.store.idempotency import Request as Asked

LONGEST_PATH = 500
KEPT_HEADERS = ("Location", "ETag")
KeyText = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern="^[!-~]+$",
        description="A word of your own for this request: sent again within 24 hours, it is "
        "answered as the first time, with `Idempotency-Replayed: true`.",
    ),
]


class Replayed(Exception):
    """The request was answered before."""

    def __init__(self, replay: Replay) -> None:
        super().__init__(replay)
        self.replay = replay


def acting(
    services: ServicesHere, request: Request, who: Authenticated, key: KeyText = None
) -> Iterator[Work]:
    """As `writing`, for an endpoint of a router of `OnceRoute`s."""
    path = own_path(request.scope)
    asked = None
    if key is not None and _can_be_kept(path):
        asked = _asked(request, who, path, key)
    if asked is not None:  # most of those that come again wait for no lock
        with ReadOnly(services.sessions) as books:
            _unless(books.idempotency.answered(asked))
    with Work(services.sessions, cause_of(request)) as uow:
        if asked is not None:
            _unless(uow.idempotency.begin(asked))
            request.state.to_be_kept = (uow, asked)
        yield uow
    rung(services, uow)


def _can_be_kept(path: str) -> bool:
    """No path of ours is longer, or of other characters: what is asked for will not be there."""
    return len(path) <= LONGEST_PATH and path.isascii() and path.isprintable()


def _asked(request: Request, who: Principal, path: str, key: str) -> Asked:
    return Asked(
        tenant_id=who.realm.tenant_id,
        key_id=who.key_id,
        method=request.method,
        path=path,
        idempotency_key=key,
        body_sha256=body_digest(request),
    )


def _unless(answered: Replay | None) -> None:
    if answered is not None:
        raise Replayed(answered)


Acting = Annotated[Work, Depends(acting, scope="function", max_concurrency=WRITERS)]


class OnceRoute(APIRoute):
    """Keeps the answer while the unit of work is still open."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def once(request: Request) -> Response:
            answer = await handle(request)
            found: tuple[Work, Asked] | None = getattr(request.state, "to_be_kept", None)
            if found is not None:
                await run_in_threadpool(_keep, *found, answer)
            return answer

        return once


def _keep(uow: Work, asked: Asked, answer: Response) -> None:
    headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
    uow.idempotency.finish(asked, answer.status_code, headers, bytes(answer.body).decode())


def install(app: FastAPI) -> None:
    app.add_exception_handler(Replayed, _replayed)


def _replayed(_request: Request, told: Exception) -> Response:
    assert isinstance(told, Replayed)  # noqa: S101 - by registration
    replay = told.replay
    headers = {**replay.headers, "Idempotency-Replayed": "true"}
    return Response(replay.body, replay.status, headers, MEDIA_TYPE)
