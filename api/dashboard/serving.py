"""What is at the addresses that the API has nothing at: the files of the dashboard, and its page at
every address that it shows a screen for.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from http import HTTPStatus
from types import SimpleNamespace

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.accepting import named
from api.addresses import own_path
from api.dashboard.build import CODINGS, INDEX, MEDIA_TYPES, Build, BuiltFile
from api.tags import matches

ASSETS = "/assets/"
NO_SCREENS = (ASSETS, "/v1/")
HTML = "text/html"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; base-uri 'self'; form-action 'none'; "
    "frame-ancestors 'none'"
)
SAFE = {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"}
FOR_EVER = "public, max-age=31536000, immutable"
ASKED_AGAIN = "no-cache"
NOT_BUILT = BuiltFile(
    b"""<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Stillhouse</title>
  </head>
  <body>
    <h1>The dashboard is not built</h1>
    <p>The API answers. In a clone, <code>./dev setup</code> builds the dashboard; then start the
    API again. A wheel and the images contain it.</p>
  </body>
</html>
""",
    MEDIA_TYPES[".html"],
)
_BASE = re.compile(rb'<base href="[^"]*"')
_WEIGHT = re.compile(r"\s*([^;\s]+)\s*(?:;\s*q\s*=\s*([0-9.]+)\s*)?")


class Dashboard:
    """Where the router has found no route."""

    def __init__(self, build: Build, otherwise: ASGIApp) -> None:
        self._build = build
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._answer(scope) if scope["type"] == "http" else None
        await (answer or self._otherwise)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response | None:
        request, path = Request(scope), own_path(scope)
        if request.method not in {"GET", "HEAD"}:
            return None
        if path in self._build and path != f"/{INDEX}":
            return _file(request, path, self._build[path])
        if HTML in named(request) and not f"{path}/".startswith(NO_SCREENS):
            return self._page(request)
        return None

    def _page(self, request: Request) -> Response:
        """Of whatever screen: which one, the script reads from the address."""
        _logged_as(request, "/{screen}")
        headers = {"Cache-Control": ASKED_AGAIN, "Vary": "Accept"}
        index = self._build.get(f"/{INDEX}")
        if index is None:
            return _content(request, NOT_BUILT, None, headers, status=HTTPStatus.NOT_FOUND)
        page = _below(index.content, request.scope.get("root_path", ""))
        return _content(request, page, None, headers)


def _file(request: Request, path: str, file: BuiltFile) -> Response:
    _logged_as(request, path)
    # A name with a digest in it never means anything else.
    kept = FOR_EVER if path.startswith(ASSETS) else ASKED_AGAIN
    headers = {"Cache-Control": kept, "Vary": "Accept-Encoding"}
    accepted = _codings(request)
    coding = next((one for one in CODINGS.values() if one in file.coded and one in accepted), None)
    return _content(request, file, coding, headers)


def _content(
    request: Request,
    file: BuiltFile,
    coding: str | None,
    headers: dict[str, str],
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    tag = file.tag(coding)
    told = {**SAFE, **headers, "ETag": tag}
    if status == HTTPStatus.OK and matches(request.headers.get("if-none-match"), tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=told)
    if coding is None:
        return Response(file.content, status, told, file.media_type)
    return Response(
        file.coded[coding], status, {**told, "Content-Encoding": coding}, file.media_type
    )


@cache
def _below(index: bytes, root: str) -> BuiltFile:
    """Everything in the page is found below this path, wherever a proxy shows it."""
    base = f'<base href="{escape(root)}/"'.encode()
    return BuiltFile(_BASE.sub(lambda _: base, index, count=1), MEDIA_TYPES[".html"])


def _codings(request: Request) -> set[str]:
    """Those that Accept-Encoding names, without those that it says no to."""
    found = set()
    for part in ",".join(request.headers.getlist("accept-encoding")).split(","):
        match = _WEIGHT.fullmatch(part)
        if match is not None and (match[2] is None or match[2].strip("0.")):
            found.add(match[1].lower())
    return found


def _logged_as(request: Request, path: str) -> None:
    """For the line in the log: one of few words, and never what was asked for."""
    request.scope["route"] = SimpleNamespace(path_format=path)
