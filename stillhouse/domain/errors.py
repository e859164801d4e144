"""What the service can say no with, as one tree; the API turns it into HTTP in one place.

StillhouseError
├── Unauthenticated             401  no key, a wrong one, an expired one
│   └── SignInRefused                the code is no good, or not any more
├── Forbidden                   403  the key is good and lacks the scope
│   ├── LinkExpired                  it was good until its time was over
│   └── LinkInvalid                  it is none that was made here
├── NotFound                    404  no such thing here, or another project's
├── Conflict                    409  the request is fine and the moment is not
│   ├── InvalidTransition            the job cannot go there from where it is
│   ├── Duplicate                    there is a job of this science, and if_duplicate is reject
│   ├── NotOver                      only what is over goes to the trash
│   ├── NotWaiting                   only what waits has a priority that counts
│   ├── InUse                        a job that is not over needs it
│   ├── NotSucceeded                 the job has made nothing yet, or never will
│   ├── KeyExpired                   a new secret would be no good
│   ├── UploadClosed                 completed or expired: takes no more parts
│   ├── UploadIncomplete             parts are missing
│   ├── IdempotencyInProgress        the first request with this key is still running
│   └── StaleAttempt                 worker: the row carries another token, stop at once
├── PreconditionFailed          412  If-Match names an older version
├── BodyStalled                 408  nothing more of the body came
├── TooLarge                    413  more bytes than allowed, or than announced
├── Malformed                   400  the request cannot even be read
│   └── NotJson                      its body is no JSON in UTF-8
├── DigestMismatch              400  the bytes are not those that were announced
├── Invalid                     422  the request is wrong: one problem per place
│   └── IdempotencyKeyReused         the same key with another body
├── TooManyStreams              429  one key reads as many as it may
├── BlobMissing                 500  bytes that the books name are not in the blob store
├── BlobCorrupted               500  they are there, and are no longer what they were
├── InsufficientStorage         507  the disk has no room for what was announced
└── Unavailable                 503  the database or the blob store did not answer
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from kd_core.errors import Problem

WAY_BACK = "run the job, or upload the file, again; or ask the operator to restore it from a backup"


class StillhouseError(Exception):
    """The root of the tree. Everything it holds may be shown to the user."""

    code: ClassVar[str] = "stillhouse_error"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str, *, hint: str = "", **facts: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.hint = hint
        self.facts: Mapping[str, Any] = facts
        """Further members of the answer, for programs: `current`, `allowed`, `missing` ..."""

    def __str__(self) -> str:
        return f"{self.detail}\n  {self.hint}" if self.hint else self.detail


class Unauthenticated(StillhouseError):
    code, status = "unauthenticated", 401


class SignInRefused(Unauthenticated):
    code = "sign_in_refused"

    def __init__(self) -> None:
        super().__init__(
            "this code is not known here, or was used, or its time is over",
            hint="`still open` makes another one; or sign in with an API key",
        )


class Forbidden(StillhouseError):
    code, status = "forbidden", 403


class LinkExpired(Forbidden):
    code = "link_expired"

    def __init__(self) -> None:
        super().__init__(
            "this link was good for some minutes, and they are over",
            hint="ask whoever gave it to you for a new one; `still artifacts link` makes them",
        )


class LinkInvalid(Forbidden):
    code = "link_invalid"

    def __init__(self) -> None:
        super().__init__(
            "this is no link that was made here, or not all of it",
            hint="copy it whole, up to its last character; or ask for a new one",
        )


class NotFound(StillhouseError):
    code, status = "not_found", 404

    def __init__(self, noun: str, identity: str) -> None:
        super().__init__(
            f"there is no {noun} {identity}",
            hint="check the id, and that the key is of its project",
        )


class Conflict(StillhouseError):
    code, status = "conflict", 409


class InvalidTransition(Conflict):
    code = "invalid_transition"

    def __init__(
        self,
        current: str | None,
        wanted: str,
        allowed: Iterable[str],
        *,
        hint: str = "",
    ) -> None:
        self.current, self.wanted, self.allowed = current, wanted, tuple(allowed)
        ways = ", ".join(self.allowed)
        usual = f"from here: {ways}" if ways else f"{current} is final; retry or clone it"
        super().__init__(
            f"a job that is {current or 'not yet created'} cannot become {wanted}",
            hint=hint or usual,
            current=current,
            wanted=wanted,
            allowed=self.allowed,
        )


class Duplicate(Conflict):
    code = "duplicate_job"


class NotOver(Conflict):
    code = "not_over"


class NotWaiting(Conflict):
    code = "not_waiting"


class InUse(Conflict):
    code = "in_use"


class NotSucceeded(Conflict):
    code = "job_not_succeeded"

    def __init__(self, job_id: str, current: str) -> None:
        super().__init__(
            f"the job {job_id} is {current}: there is something to fetch once it has succeeded",
            hint=f"`still jobs show {job_id}` tells how it is going, or why it ended",
            current=current,
        )


class KeyExpired(Conflict):
    code = "key_expired"


class UploadClosed(Conflict):
    code = "upload_closed"


class UploadIncomplete(Conflict):
    code = "upload_incomplete"


class IdempotencyInProgress(Conflict):
    code, retryable = "idempotency_in_progress", True


class StaleAttempt(Conflict):
    code = "stale_attempt"


class PreconditionFailed(StillhouseError):
    code, status = "precondition_failed", 412


class BodyStalled(StillhouseError):
    code, status = "body_stalled", 408


class TooLarge(StillhouseError):
    code, status = "too_large", 413


class Malformed(StillhouseError):
    code, status = "malformed_request", 400


class NotJson(Malformed):
    code = "invalid_json"


class DigestMismatch(StillhouseError):
    code, status = "digest_mismatch", 400


class Invalid(StillhouseError):
    code, status = "invalid_request", 422

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class IdempotencyKeyReused(Invalid):
    code = "idempotency_key_reused"


class TooManyStreams(StillhouseError):
    code, status, retryable = "too_many_streams", 429, True


class BlobMissing(StillhouseError):
    code = "blob_missing"

    def __init__(self, sha256: str, detail: str = "", hint: str = "") -> None:
        super().__init__(
            detail or "these bytes are not in the store any more",
            hint=hint or WAY_BACK,
            sha256=sha256,
        )


class BlobCorrupted(StillhouseError):
    code = "blob_corrupted"

    def __init__(self, sha256: str) -> None:
        super().__init__(
            "the stored bytes are damaged: they were put in quarantine and are not served",
            hint=WAY_BACK,
            sha256=sha256,
        )


class InsufficientStorage(StillhouseError):
    code, status = "insufficient_storage", 507


class Unavailable(StillhouseError):
    code, status, retryable = "unavailable", 503, True
