"""Which form of an answer is asked for, where there is another one beside JSON."""

from __future__ import annotations

from starlette.requests import Request

JSON = "application/json"


def wants(request: Request, media_type: str) -> bool:
    """Named in Accept, and JSON is not: whoever takes both gets JSON."""
    named = {
        part.partition(";")[0].strip().lower()
        for part in ",".join(request.headers.getlist("accept")).split(",")
    }
    return media_type in named and JSON not in named
