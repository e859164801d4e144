"""What surrounds every request: its id, a line in the log, and the last catch of errors."""

from __future__ import annotations

import re
import secrets
import time
from http import HTTPStatus

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.addresses import located
from api.errors import unexpected

log = structlog.get_logger(__name__)

ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
CLIENT_LEFT = 499  # nginx's number for it: nobody is there to receive any other


class RequestLog:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        located(scope)
        request_id = _request_id(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self._answer(scope, receive, _Watched(send, request_id))

    async def _answer(self, scope: Scope, receive: Receive, send: _Watched) -> None:
        began = time.perf_counter()
        try:
            await self._app(scope, receive, send)
        except ClientDisconnect:
            send.status = CLIENT_LEFT
        except Exception:
            log.exception("request.failed", method=scope["method"], path=_template(scope))
            if send.status is not None:  # too late for another answer: break this one off
                raise
            await unexpected(scope)(scope, receive, send)
        finally:
            log.info(
                "request.answered",
                method=scope["method"],
                path=_template(scope),
                status=send.status,
                client=_client(scope),
                duration_ms=round((time.perf_counter() - began) * 1000, 1),
            )


class _Watched:
    """The way back to the client, with the headers that every answer has."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self._request_id
            headers["X-Content-Type-Options"] = "nosniff"
            headers.setdefault("Cache-Control", "private, no-cache")
            if self.status >= HTTPStatus.BAD_REQUEST:
                headers["Cache-Control"] = "no-store"
        await self._send(message)


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if ACCEPTABLE_ID.fullmatch(given) else f"req_{secrets.token_hex(16)}"


def _client(scope: Scope) -> str | None:
    """Who asked; a proxy that is trusted says for whom it asked."""
    return scope["client"][0] if scope.get("client") else None


def _template(scope: Scope) -> str | None:
    """The path as it is declared: what was asked for may hold anything, and belongs in no log."""
    return getattr(scope.get("route"), "path_format", None)
