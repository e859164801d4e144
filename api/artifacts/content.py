"""Content: the bytes of a blob, whole or in ranges, under a tag that is their digest."""

from __future__ import annotations

import base64
import re

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import Message, Receive, Scope, Send

from api.artifacts import ranges
from api.errors import TROUBLE
from stillhouse.store import DirectoryBlobs
from stillhouse.store.tables import ArtifactRow

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_TAGS = re.compile(r'(?:W/)?("[^"]*")')


class Content(FileResponse):
    """Starlette's, which knows ranges; its refusal of one is plain text, ours a problem."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = False

        async def pass_on(message: Message) -> None:
            nonlocal refused
            refused = refused or message.get("status", 200) >= TROUBLE
            if not refused:
                await send(message)

        await super().__call__(scope, receive, pass_on)
        if refused:
            size = int(self.headers["content-length"])
            await ranges.refusal(scope, size)(scope, receive, send)


def answer(request: Request, blobs: DirectoryBlobs, artifact: ArtifactRow) -> Response:
    digest = artifact.blob_sha256
    if matches(request.headers.get("if-none-match"), tag(digest)):
        return Response(status_code=304, headers=validators(digest))
    blobs.check(digest, artifact.size_bytes)
    path = blobs.path(digest)
    return Content(
        path,
        media_type=artifact.media_type,
        filename=safe_name(artifact.name),
        stat_result=path.stat(),
        headers=validators(digest),
    )


def validators(sha256: str) -> dict[str, str]:
    digest = base64.b64encode(bytes.fromhex(sha256)).decode("ascii")
    return {"ETag": tag(sha256), "Repr-Digest": f"sha-256=:{digest}:"}


def tag(sha256: str) -> str:
    return f'"sha256-{sha256}"'


def matches(if_none_match: str | None, tag: str) -> bool:
    """RFC 9110: any tag of the list, compared weakly, or anything at all."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or tag in _TAGS.findall(if_none_match)


def safe_name(name: str) -> str:
    """The last part of the name, in characters that every system takes."""
    return safe_part(name.rsplit("/", maxsplit=1)[-1], "artifact")


def safe_part(text: str, otherwise: str) -> str:
    """Of a path: no folder, not hidden, and no option of a command."""
    return _UNSAFE.sub("_", text).lstrip(".-") or otherwise
