"""The one place that turns errors into HTTP: every refusal is a problem document."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from api.addresses import own_path
from api.problems import MEDIA_TYPE, problem_document
from kd_core.errors import KdError, Problem
from kd_core.place import json_pointer
from kd_core.problems import OUT_OF_RANGE, shown
from stillhouse.domain.errors import Invalid, StillhouseError, Unauthenticated

CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}
TROUBLE = 400


def install(app: FastAPI) -> None:
    app.add_exception_handler(StillhouseError, _refused)
    app.add_exception_handler(KdError, _unusable)
    app.add_exception_handler(RequestValidationError, _misread)
    app.add_exception_handler(HTTPException, _misdirected)


def problem_response(
    scope: Scope,
    status: int,
    code: str,
    detail: str,
    *,
    hint: str = "",
    problems: Sequence[Problem] = (),
    facts: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    document = problem_document(
        status,
        code,
        detail,
        instance=scope["state"]["request_id"],
        hint=hint,
        problems=problems,
        facts=facts,
    )
    return Response(json.dumps(document), status, headers, MEDIA_TYPE)


def unexpected(scope: Scope) -> Response:
    """What happened is in the log, under the id of the request, and nowhere else."""
    hint = "tell the operator the id of this request"
    return problem_response(scope, 500, "internal_error", "something went wrong here", hint=hint)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, StillhouseError)  # noqa: S101 - by registration
    problems = error.problems if isinstance(error, Invalid) else ()
    headers = {}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="stillhouse"'
    if error.retryable:
        headers["Retry-After"] = "1"
    return problem_response(
        request.scope,
        error.status,
        error.code,
        _sentence(problems) if problems else error.detail,
        hint=error.hint,
        problems=problems,
        facts=error.facts,
        headers=headers,
    )


def _unusable(request: Request, error: Exception) -> Response:
    assert isinstance(error, KdError)  # noqa: S101 - by registration
    detail = _sentence(error.problems)
    return problem_response(request.scope, 422, error.code, detail, problems=error.problems)


def _misread(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - by registration
    # A parameter that several dependencies read is wrong once.
    problems = list(dict.fromkeys(map(_problem, error.errors())))
    return problem_response(
        request.scope, 422, Invalid.code, _sentence(problems), problems=problems
    )


def _misdirected(request: Request, error: Exception) -> Response:
    """What the router itself says no to."""
    assert isinstance(error, HTTPException)  # noqa: S101 - by registration
    headers, hint = dict(error.headers or {}), ""
    detail = str(error.detail)
    match error.status_code:
        case 404:
            detail = f"there is nothing at {shown(request.url.path)}"
            hint = "GET /openapi.json lists everything"
        case 405:
            headers["Allow"] = ", ".join(_methods_at(request)) or headers.get("Allow", "")
            detail = f"{request.method} is not possible here"
            hint = f"possible: {headers['Allow']}"
    return problem_response(
        request.scope,
        error.status_code,
        CODES.get(error.status_code, f"http_{error.status_code}"),
        detail,
        hint=hint,
        headers=headers,
    )


def _methods_at(request: Request) -> list[str]:
    """Of all routes of this path: the router itself names those of the first one only."""
    path = own_path(request.scope)
    routes = request.app.state.routes
    methods = {m for route in routes if route.path_regex.match(path) for m in route.methods}
    return sorted(methods)


def _sentence(problems: Sequence[Problem]) -> str:
    first = problems[0]
    text = f"{first.pointer}: {first.message}" if first.pointer else first.message
    others = len(problems) - 1
    return f"{text} (and {others} more in `errors`)" if others else text


def _problem(detail: Mapping[str, Any]) -> Problem:
    """Of a parameter: `/query/limit`, `/path/number`, `/header/...`."""
    kind = str(detail["type"])
    pointer = json_pointer(detail["loc"])
    given = f"; got {shown(detail['input'])}"
    if kind in OUT_OF_RANGE:
        return Problem("out_of_range", f"{_told(detail)}{given}", pointer=pointer)
    if kind == "missing":
        return Problem("missing_key", "this parameter is required", pointer=pointer)
    if kind in {"enum", "literal_error"}:
        return Problem("not_one_of", f"{_told(detail)}{given}", pointer=pointer)
    if kind.endswith(("_parsing", "_type", "_parsing_size")):
        return Problem("wrong_type", f"{_told(detail)}{given}", pointer=pointer)
    return Problem("invalid", f"{_told(detail)}{given}", pointer=pointer)


def _told(detail: Mapping[str, Any]) -> str:
    return str(detail["msg"]).removeprefix("Input ")
