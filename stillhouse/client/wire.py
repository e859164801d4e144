"""One request and its answer: the key, the retries, and problem documents as exceptions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any, TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

from stillhouse.client.errors import ApiError, IdInvalid, ServerUnreachable, VersionsApart
from stillhouse.client.login import is_loopback
from stillhouse.client.retry import FIRST_TRIES, RETRIED, TRIES, Pace, delay_s
from stillhouse.domain.versions import too_old

TIMEOUT = httpx2.Timeout(60, connect=10)
PATIENT = httpx2.Timeout(1800, connect=10)
"""For requests in which the service reads a whole upload again."""
IDEMPOTENT = frozenset({"GET", "HEAD", "PUT"})
"""DELETE is not: asked again after a lost answer, it would say that there is no such thing."""

Body = TypeVar("Body", bound=BaseModel)
Query = Mapping[str, str | int | Sequence[str] | None]


class _Versions(BaseModel):
    version: str
    oldest_client: str


class Wire:
    def __init__(
        self,
        url: str,
        key: str,
        pace: Pace,
        *,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.url = url
        self.pace = pace
        self._heard_of = False
        self._http = httpx2.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {key}", "User-Agent": "stillhouse"} if key else {},
            timeout=TIMEOUT,
            transport=transport,
            # A proxy that is set for the world has no way back to this machine.
            trust_env=not is_loopback(url),
        )

    def close(self) -> None:
        self._http.close()

    def read(self, model: type[Body], method: str, path: str, **how: Any) -> Body:
        """Ask, and read the answer as this model."""
        return self._as(model, self.ask(method, path, **how))

    def read_patiently(
        self, model: type[Body], path: str, patience_s: int, query: Query | None = None
    ) -> tuple[Body, bool]:
        """What is there once there is news; and whether the service was ready to wait for it."""
        headers = {"Prefer": f"wait={patience_s}"}
        answer = self.ask("GET", path, query=query, headers=headers)
        return self._as(model, answer), "preference-applied" in answer.headers

    def _as(self, model: type[Body], answer: httpx2.Response) -> Body:
        try:
            return model.model_validate_json(answer.content)
        except ValidationError as error:
            self.check_versions()
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"])) or "the whole of it"
            asked = f"{answer.request.method} {self.url}{answer.request.url.path}"
            message = f"{asked} was answered with something else than expected"
            hint = f"{where}: {first['msg']}; is this address a Stillhouse service?"
            raise ServerUnreachable(message, hint=hint) from None

    def check_versions(self) -> None:
        """A sentence that says so where this client and the service are of releases that do not
        fit; an older service that cannot tell is not refused for that.
        """
        try:
            answer = self._http.get("/v1/capabilities")
            told = _Versions.model_validate_json(answer.content)
        except (httpx2.TransportError, ValidationError):
            return
        message = too_old(version("stillhouse"), told.version, told.oldest_client)
        if message:
            said, _, way_out = message.partition(": ")
            raise VersionsApart(f"{self.url}: {said}", hint=way_out)

    def act(self, model: type[Body], path: str, body: Mapping[str, Any] | None = None) -> Body:
        """POST something that is done once, however often its answer is lost on the way."""
        headers = {"Idempotency-Key": self.pace.unique()}
        return self.read(model, "POST", path, body=body, headers=headers, idempotent=True)

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        idempotent: bool | None = None,
        timeout: httpx2.Timeout = TIMEOUT,
    ) -> httpx2.Response:
        """The answer, when it is a yes. What may safely be asked again is, with growing pauses."""
        again = method in IDEMPOTENT if idempotent is None else idempotent
        request = self._http.build_request(
            method, path, params=_given(query), json=body, content=content, headers=headers,
            timeout=timeout,
        )  # fmt: skip
        failures = 0
        while True:
            last = not again or failures + 1 >= TRIES
            answer = self._once(request, last=last, failures=failures)
            if answer is not None and not (answer.status_code in RETRIED and not last):
                return self._accepted(answer)
            failures += 1
            asked = answer.headers.get("retry-after") if answer is not None else None
            self.pace.sleep(delay_s(failures, self.pace.chance(), asked))

    @contextmanager
    def stream(
        self,
        path: str,
        headers: Mapping[str, str],
        passing: Collection[int] = (),
        timeout: httpx2.Timeout = TIMEOUT,
    ) -> Iterator[httpx2.Response]:
        """The body as it comes, or one of the `passing` statuses. One try: who reads it knows
        where to go on.
        """
        with self._http.stream("GET", path, headers=headers, timeout=timeout) as answer:
            if not answer.is_success and answer.status_code not in passing:
                answer.read()
                self._accepted(answer)
            yield answer

    def _once(
        self, request: httpx2.Request, *, last: bool, failures: int
    ) -> httpx2.Response | None:
        try:
            answer = self._http.send(request)
        except httpx2.TransportError as error:
            absent = isinstance(error, httpx2.ConnectError) and not self._heard_of
            if last or (absent and failures + 1 >= FIRST_TRIES):
                raise unreachable(self.url, error) from None
            return None
        self._heard_of = True
        return answer

    def _accepted(self, answer: httpx2.Response) -> httpx2.Response:
        if answer.is_success:
            return answer
        if answer.is_redirect:
            # Not followed: the key would go to an address that nobody named.
            target = answer.headers.get("location", "elsewhere")
            raise ServerUnreachable(f"{self.url} redirects to {target}", hint="use that address")
        document = _problem_document(answer)
        if document is None and answer.status_code in RETRIED:
            message = f"{self.url} answers {answer.status_code}: the service behind it is away"
            raise ServerUnreachable(message, hint="try again in a moment")
        if document is None:
            message = f"{self.url} answers {answer.status_code}, and not as a Stillhouse service"
            raise ServerUnreachable(message, hint="check the address")
        raise ApiError(answer.status_code, document)


def place(noun: str, identity: str, *more: str) -> str:
    """The path of one thing. An id comes from a command line: it must not lead elsewhere."""
    if re.fullmatch(r"[A-Za-z0-9_-]{1,80}", identity) is None:
        raise IdInvalid(
            f"{identity!r} is not an id", hint="ids look like job_0l2c... or mdl_0l2c..."
        )
    return "/".join(("/v1", noun, identity, *more))


def unreachable(url: str, error: httpx2.TransportError) -> ServerUnreachable:
    if isinstance(error, httpx2.TimeoutException):
        reason = "no answer in time"
    else:
        reason = str(error) or type(error).__name__
    hint = "is it running? `still up` starts one here; `still login` names another"
    return ServerUnreachable(f"{url} cannot be reached: {reason}", hint=hint)


def _problem_document(answer: httpx2.Response) -> dict[str, Any] | None:
    try:
        document = answer.json()
    except ValueError:
        return None
    return document if isinstance(document, dict) and "code" in document else None


def _given(query: Query | None) -> dict[str, str | int | Sequence[str]]:
    return {name: value for name, value in (query or {}).items() if value is not None}
