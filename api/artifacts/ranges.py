"""Which part of a content is asked for: Range and If-Range, as RFC 9110 has them."""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from api.errors import problem_response
from kd_core.problems import shown

_ONE = re.compile(r"\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*")
DIGITS = 18


class Unsatisfiable(Exception):
    """No byte of the content is in the range."""


def asked(headers: Headers, tag: str, size: int) -> range:
    """The places of the bytes that are to be sent: all of them, unless one range is asked for of
    just this content. Several ranges at once are answered with everything, which is allowed.
    """
    wanted, everything = headers.get("range"), range(size)
    if wanted is None or "," in wanted or headers.get("if-range", tag) != tag:
        return everything
    match = _ONE.fullmatch(wanted)
    if match is None or not any(match.groups()) or len(wanted) > 2 * DIGITS:
        raise Unsatisfiable
    first, last = match.groups()
    if not first:
        found = everything[-int(last) :] if int(last) else range(0)
    else:
        found = everything[int(first) : int(last) + 1 if last else None]
    if not found:
        raise Unsatisfiable
    return found


def refusal(scope: Scope, size: int) -> Response:
    return problem_response(
        scope,
        416,
        "range_not_satisfiable",
        f"{shown(Request(scope).headers.get('range'))} is no range of these {size} bytes",
        hint="write bytes=<first>-<last>, counted from 0",
        headers={"Content-Range": f"bytes */{size}"},
    )
