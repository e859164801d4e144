"""What can go wrong between a client and the service, as one tree.

ClientError
├── NotLoggedIn         nobody said where the service is, or which key to use
├── ServerUnreachable   no answer, or one that is not the service's
├── DashboardMissing    the service answers, and has no dashboard
├── VersionsApart       client and service are of releases that do not understand each other
├── ApiError            the service answered, and the answer is no
├── TransferBroken      the bytes that arrived are not those that were announced
├── IdInvalid           what was given as an id cannot be one
├── ArtifactUnknown     the job has no such file, or several
├── FileUnusable        a local file or folder cannot be sent, or written
└── WaitTimedOut        the waiting ended before the job, or the check, did
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kd_core.errors import Problem


class ClientError(Exception):
    """The root of the tree: one or several problems, each with its way out."""

    code: str = "client_error"

    def __init__(self, message: str, *, hint: str = "", file: str | None = None) -> None:
        super().__init__(message)
        self.problems: tuple[Problem, ...] = (Problem(self.code, message, hint, file=file),)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class NotLoggedIn(ClientError):
    code = "not_logged_in"


class ServerUnreachable(ClientError):
    code = "server_unreachable"


class DashboardMissing(ClientError):
    code = "dashboard_missing"


class VersionsApart(ClientError):
    code = "versions_apart"


class TransferBroken(ClientError):
    code = "transfer_broken"


class IdInvalid(ClientError):
    code = "invalid_id"


class ArtifactUnknown(ClientError):
    code = "artifact_unknown"


class FileUnusable(ClientError):
    code = "file_unusable"


class WaitTimedOut(ClientError):
    code = "wait_timed_out"


class ApiError(ClientError):
    """The problem document of the answer. `code` is the service's own, and stable."""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status = status
        self.document = document
        self.code = str(document.get("code") or f"http_{status}")
        super().__init__(_text(document, "detail") or _text(document, "title") or f"HTTP {status}")
        listed = document.get("errors")
        problems = [_problem(entry) for entry in listed] if isinstance(listed, list) else []
        whole = Problem(self.code, str(self.args[0]), _text(document, "hint"))
        self.problems = tuple(problem for problem in problems if problem) or (whole,)

    @property
    def request_id(self) -> str:
        return _text(self.document, "instance")


def _problem(entry: object) -> Problem | None:
    if not isinstance(entry, Mapping):
        return None
    return Problem(
        code=_text(entry, "code"),
        message=_text(entry, "message"),
        hint=_text(entry, "hint"),
        pointer=_text(entry, "pointer") or None,
        file=_text(entry, "file") or None,
    )


def _text(document: Mapping[str, Any], key: str) -> str:
    value = document.get(key)
    return value if isinstance(value, str) else ""
