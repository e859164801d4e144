"""Tags: what a client has seen already, and the short answer while nothing of it has changed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Request, Response

from stillhouse.domain.job import is_terminal
from stillhouse.domain.tags import tag
from stillhouse.store.standing import Standing
from stillhouse.store.tables import JobRow, UploadRow

_TAGS = re.compile(r'(?:W/)?("[^"]*")')
TAG_HEADER: dict[str, Any] = {
    "ETag": {
        "description": "Names what this answer shows: send it back in If-None-Match.",
        "schema": {"type": "string", "examples": ['W/"j-17"']},
    }
}
UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "You have this already: If-None-Match names it. There is no body."}
}
TAGGED: dict[int | str, dict[str, Any]] = {200: {"headers": TAG_HEADER}, **UNCHANGED}
"""For `responses=`: an answer that has a tag, and the answer to whoever has it."""


class NotModified(Exception):
    """The client has what it asks for. Raised before any of it is put together."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__(headers)
        self.headers = headers


@dataclass(frozen=True, slots=True)
class Seen:
    """What If-None-Match names."""

    tags: str | None
    response: Response

    def has(self, tag: str) -> bool:
        return matches(self.tags, tag)

    def unless(self, tag: str) -> None:
        """The answer has this tag; for a client that has it already this is the end."""
        self.response.headers["ETag"] = tag
        if self.has(tag):
            raise NotModified(dict(self.response.headers))


async def seen(
    response: Response,
    if_none_match: Annotated[
        str | None,
        Header(
            alias="If-None-Match",
            description="The ETag of an earlier answer: while it holds, the answer is a 304.",
        ),
    ] = None,
) -> Seen:
    return Seen(if_none_match, response)


SeenTags = Annotated[Seen, Depends(seen)]


def install(app: FastAPI) -> None:
    app.add_exception_handler(NotModified, _not_modified)


def _not_modified(_request: Request, told: Exception) -> Response:
    assert isinstance(told, NotModified)  # noqa: S101 - by registration
    return Response(status_code=304, headers=told.headers)


def matches(if_none_match: str | None, tag: str) -> bool:
    """RFC 9110: any tag of the list, compared weakly, or anything at all."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or tag.removeprefix("W/") in _TAGS.findall(if_none_match)


def of_job(standing: Standing) -> str:
    """Of the job, and of every record that is written together with its version."""
    return tag(standing.version)


def of_verdict(standing: Standing) -> str:
    """It is said once, when the job comes to its end: nothing before and after changes it."""
    return f'W/"v-{standing.state if is_terminal(standing.state) else "pending"}"'


def of_page(rows: Iterable[JobRow | UploadRow], fields: Mapping[str, Any]) -> str:
    """Of these rows in this order, and of what the page says beside them."""
    shown = json.dumps([[(row.id, row.version) for row in rows], fields], sort_keys=True)
    return f'W/"l-{hashlib.sha256(shown.encode()).hexdigest()[:32]}"'
