"""If-Match: a write that is meant for the job as somebody has read it, and for no later one."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header

from stillhouse.domain.tags import versions_in

MatchText = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=500,
        description='The version that was read, `W/"j-<version>"`: anything newer is a 412.',
    ),
]


async def if_match(text: MatchText = None) -> frozenset[int] | None:
    """The versions that may be written to; None when any will do."""
    return versions_in(text) if text is not None else None


IfMatch = Annotated[frozenset[int] | None, Depends(if_match)]
