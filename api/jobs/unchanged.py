"""A poll that finds nothing new: one look at the books, before the request is taken apart.

Most requests are such polls. Whatever else they turn out to be, a job that has changed, a key that
is refused, a question that is put wrongly, is for the endpoint, which begins from the beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from api import tags
from api.services import Services
from stillhouse.domain.errors import StillhouseError
from stillhouse.domain.job import State
from stillhouse.domain.keys import Scope
from stillhouse.store.standing import Standing

SCHEME = "Bearer "


class PolledRoute(APIRoute):
    """Of a job itself."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def polled(request: Request) -> Response:
            return await _unchanged(request) or await handle(request)

        return polled


async def _unchanged(request: Request) -> Response | None:
    headers = request.headers
    seen, token = headers.get("if-none-match"), headers.get("authorization", "")
    if seen is None or "prefer" in headers or not token.startswith(SCHEME):
        return None
    job_id = request.path_params["job_id"]
    if not (job_id.isascii() and job_id.isprintable()):  # or a database could not read it
        return None
    token = token.removeprefix(SCHEME)
    standing = await run_in_threadpool(_standing, request.app.state.services, token, job_id)
    # That others in the queue went first is news, and the row does not know it.
    if standing is None or standing.state is State.QUEUED:
        return None
    tag = tags.of_job(standing)
    return Response(status_code=304, headers={"ETag": tag}) if tags.matches(seen, tag) else None


def _standing(services: Services, token: str, job_id: str) -> Standing | None:
    try:
        who, standing = services.glances.at(token, job_id)
    except StillhouseError:
        return None
    return None if who.touch_due or not who.may(Scope.JOBS_READ) else standing
