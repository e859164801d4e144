"""Which form of an answer is asked for, where there is another one beside JSON."""

from __future__ import annotations

from starlette.requests import Request

JSON = "application/json"


def wants(request: Request, media_type: str) -> bool:
    """Named in Accept, and JSON is not: whoever takes both gets JSON."""
    accepted = named(request)
    return media_type in accepted and JSON not in accepted


def named(request: Request) -> set[str]:
    return {
        part.partition(";")[0].strip().lower()
        for part in ",".join(request.headers.getlist("accept")).split(",")
    }
