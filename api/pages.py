"""Lists: how much of them is asked for, and where they go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query, Request, Response

from api.addresses import at, own_path
from stillhouse.domain.declared import Declared
from stillhouse.domain.errors import Invalid
from stillhouse.domain.pages import CURSOR, MAX_LIMIT, Cursor, Page

MAX_ROWS = 1000
MAX_SEQ = 2**53 - 1
Row = TypeVar("Row")

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many items at most.")]
CursorText = Annotated[
    Annotated[str, Declared(pattern=CURSOR)] | None,
    Query(max_length=200, description="`next_cursor` of the page before."),
]
AfterSeq = Annotated[int, Query(ge=0, le=MAX_SEQ, description="Only what came after this `seq`.")]
Rows = Annotated[int, Query(ge=1, le=MAX_ROWS, description="How many entries at most.")]


@dataclass(frozen=True, slots=True)
class PageAsked:
    limit: int
    cursor: Cursor | None


async def page_asked(limit: Limit = 50, cursor: CursorText = None) -> PageAsked:
    try:
        return PageAsked(limit, Cursor.decode(cursor) if cursor is not None else None)
    except Invalid as invalid:
        placed = (replace(problem, pointer="/query/cursor") for problem in invalid.problems)
        raise Invalid(tuple(placed)) from None


Paging = Annotated[PageAsked, Depends(page_asked)]


def fields_of(page: Page[Any], request: Request, response: Response) -> dict[str, Any]:
    """What an answer says of its page beside the items; the header says it once more."""
    following = page.next.encode() if page.next is not None else None
    if following is not None:
        query = request.url.include_query_params(cursor=following).query
        response.headers["Link"] = f'<{at(own_path(request.scope))}?{query}>; rel="next"'
    return {"next_cursor": following, "has_more": page.has_more}


def stretch(found: Sequence[Row], limit: int) -> tuple[Sequence[Row], bool]:
    """One row more than was asked for was read: it only says that there is more."""
    return found[:limit], len(found) > limit
