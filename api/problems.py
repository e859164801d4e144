"""What a refusal looks like: RFC 9457, one shape for every error, and who declares which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ConfigDict

from api.answers import Answer, ReportedProblem
from kd_core.errors import Problem
from stillhouse.domain.text import storable

MEDIA_TYPE = "application/problem+json"

MEANINGS = {
    400: "The request cannot be read, or its bytes are not those that were announced.",
    401: "There is no API key, or it is not known here.",
    403: "The key lacks the scope that this needs.",
    404: "There is no such thing, or it is another project's.",
    408: "Nothing came for a minute, and the body is not complete.",
    409: "The request is fine and the moment is not: `code` tells why.",
    412: "If-Match names an older version: `current` is the tag of this one.",
    413: "More bytes than allowed.",
    416: "The range lies outside the content.",
    422: "The request is wrong: one entry in `errors` for each place.",
    429: "More than one key may have at a time; Retry-After says when to come again.",
    503: "The database or the disk did not answer; nothing was changed.",
    500: "Something is broken here, and is in the log under the id of the request.",
    507: "The disk has no room for this.",
}
OTHERWISE = "Any other problem, in the same shape."


class ProblemDocument(Answer):
    """RFC 9457. Further members, such as `current` and `allowed`, belong to some codes."""

    model_config = ConfigDict(extra="allow", title="Problem")

    type: str
    """A name for this kind of problem: urn:stillhouse:problem:<code>."""
    title: str
    """The code in words."""
    status: int
    """The HTTP status."""
    detail: str
    """What is wrong, in a sentence."""
    hint: str
    """The way out, where there is one for the whole request; else empty."""
    instance: str
    """The id of the request, as X-Request-Id has it and as the log does."""
    code: str
    """Stable: what a program decides by."""
    errors: list[ReportedProblem]
    """Every place that is wrong, all at once."""


def problem_document(
    status: int,
    code: str,
    detail: str,
    *,
    instance: str,
    hint: str = "",
    problems: Sequence[Problem] = (),
    facts: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    return {
        "type": f"urn:stillhouse:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": storable(detail),
        "hint": storable(hint),
        "instance": instance,
        "code": code,
        "errors": [ReportedProblem.of(problem).model_dump() for problem in problems],
        **storable(facts or {}),
    }


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For `responses=`: the refusals of an endpoint that are worth naming, and all others."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    named: dict[int | str, dict[str, Any]] = {
        status: {"description": MEANINGS[status], "content": content} for status in statuses
    }
    return {**named, "default": {"description": OTHERWISE, "content": content}}
