"""What surrounds every body: how much of it is read at all, and what becomes of the rest."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import cast

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stillhouse.domain.errors import BodyStalled, TooLarge

MAX_BYTES = 1_000_000
SILENT_S = 60.0
LEFT_BYTES = 1 << 16
"""So little is sooner read than a new connection is made."""
LINGER_S = 5.0
DIGITS = 20


class BodyLimit:
    """No endpoint can read more of a body than MAX_BYTES, or than it has allowed itself.

    It is the reading that is limited, and not the asking: who has no key is told so first. Where
    the answer comes before the body was read, the connection ends with it; but not at once, since a
    client that is still sending would lose the answer to the reset.
    """

    def __init__(
        self, app: ASGIApp, silent_s: float = SILENT_S, linger_s: float = LINGER_S
    ) -> None:
        self._app = app
        self._silent_s = silent_s
        self._linger_s = linger_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = Body(Headers(scope=scope), receive, self._silent_s)
        scope.setdefault("state", {})["body"] = body
        answer = _Answer(body, send)
        await self._app(scope, body.receive, answer.send)
        if answer.last is not None:
            await body.discard(self._linger_s)
            await send(answer.last)


class Body:
    """The body of one request, on its way in."""

    def __init__(self, headers: Headers, receive: Receive, silent_s: float) -> None:
        self._headers = headers
        self._receive = receive
        self._silent_s = silent_s
        self._received = 0
        self._ended = False
        self.answered = False
        self.allowed = MAX_BYTES
        """How much the endpoint may read: said before it does."""

    @property
    def announced(self) -> int | None:
        """What Content-Length says, where there is one that can be believed."""
        text = self._headers.get("content-length", "")
        return int(text[:DIGITS]) if text.isascii() and text.isdigit() else None

    @property
    def is_left_over(self) -> bool:
        """There is more on the way than it would be wise to wait for."""
        if self._ended:
            return False
        rest = (self.announced or 0) - self._received
        # Who has asked whether to send may now send it or not: nobody could tell what comes next.
        asked = "expect" in self._headers
        return "transfer-encoding" in self._headers or rest > (0 if asked else LEFT_BYTES)

    async def receive(self) -> Message:
        if self.answered or self._ended:
            return await self._next()  # somebody listens for the client to leave
        if (self.announced or 0) > self.allowed:
            raise self._too_large()
        try:
            async with asyncio.timeout(self._silent_s):
                message = await self._next()
        except TimeoutError:
            detail = f"nothing came for {self._silent_s:g} s, and the body is not complete"
            raise BodyStalled(detail, hint="send it again, without a pause") from None
        if self._received > self.allowed:
            raise self._too_large()
        return message

    async def discard(self, within_s: float) -> None:
        """Read what still comes, for nobody."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not self._ended:
                    await self._next()

    async def _next(self) -> Message:
        message = await self._receive()
        self._received += len(message.get("body", b""))
        self._ended = not message.get("more_body", False)
        return message

    def _too_large(self) -> TooLarge:
        message = f"the body has more than {self.allowed} bytes"
        return TooLarge(message, hint="send less", most=self.allowed)


class _Answer:
    """The way back to the client, kept open for as long as it may still be sending."""

    def __init__(self, body: Body, send: Send) -> None:
        self._body = body
        self._send = send
        self._breaks_off = False
        self.last: Message | None = None
        """What ends the answer, where that has to wait."""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._body.answered = True
            self._breaks_off = self._body.is_left_over
            if self._breaks_off:
                MutableHeaders(scope=message)["Connection"] = "close"
        elif self._breaks_off and not message.get("more_body", False):
            self.last = {"type": "http.response.body", "body": b"", "more_body": False}
            message = {**message, "more_body": True}
        await self._send(message)


def body_of(request: Request) -> Body:
    return cast("Body", request.state.body)
