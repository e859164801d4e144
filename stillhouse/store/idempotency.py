"""Idempotency keys: the first answer to a request is the answer to its repetitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from kd_core.errors import Problem
from stillhouse.domain.errors import IdempotencyInProgress, IdempotencyKeyReused
from stillhouse.store.clock import later, now
from stillhouse.store.repository import Repository
from stillhouse.store.tables import IdempotencyRow

KEPT = timedelta(hours=24)
ABANDONED = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Request:
    """What makes two requests the same one."""

    tenant_id: str
    key_id: str
    method: str
    path: str
    idempotency_key: str
    body_sha256: str


@dataclass(frozen=True, slots=True)
class Replay:
    """The stored answer."""

    status: int
    headers: Mapping[str, str]
    body: str


class Idempotency(Repository):
    def answered(self, request: Request) -> Replay | None:
        """The answer given before, for who only reads; what else there is to say, `begin` says."""
        kept = select(IdempotencyRow).where(
            *_same(request),
            IdempotencyRow.body_sha256 == request.body_sha256,
            IdempotencyRow.expires_at >= now(),
        )
        row: IdempotencyRow | None = self._one(kept)
        return _replay(row) if row is not None else None

    def begin(self, request: Request) -> Replay | None:
        """The answer given before, or nothing: then do the work and `finish` with its answer.

        In the transaction of the work itself, a twin waits here until the first one is over.
        """
        self._count(
            delete(IdempotencyRow).where(*_same(request), IdempotencyRow.expires_at < now())
        )
        insert = self._insert(IdempotencyRow).values(
            tenant_id=request.tenant_id,
            key_id=request.key_id,
            method=request.method,
            path=request.path,
            idempotency_key=request.idempotency_key,
            body_sha256=request.body_sha256,
            created_at=now(),
            expires_at=later(KEPT.total_seconds()),
        )
        if self._is_new(insert):
            return None
        return self._answer(request)

    def finish(self, request: Request, status: int, headers: Mapping[str, str], body: str) -> None:
        """Keep the answer. Not for a 5xx: those may be tried again."""
        values = {"status": status, "headers": dict(headers), "body": body}
        self._count(update(IdempotencyRow).where(*_same(request)).values(**values))

    def abandon(self, request: Request) -> None:
        """There is no answer worth keeping; the next request with this key is a first one."""
        self._count(delete(IdempotencyRow).where(*_same(request), IdempotencyRow.status.is_(None)))

    def purge(self) -> int:
        return self._count(delete(IdempotencyRow).where(IdempotencyRow.expires_at < now()))

    def _answer(self, request: Request) -> Replay | None:
        row: IdempotencyRow | None = self._one(
            select(IdempotencyRow).where(*_same(request)).with_for_update()
        )
        if row is None:  # its twin gave up between our two statements
            raise _in_progress()
        if row.body_sha256 != request.body_sha256:
            problem = Problem(
                "idempotency_key_reused",
                "this Idempotency-Key was used with another body",
                "use a new key for a new request",
            )
            raise IdempotencyKeyReused((problem,))
        if (replay := _replay(row)) is not None:
            return replay
        # Whoever began it has died, or is very slow and will find the row taken over.
        abandoned = IdempotencyRow.created_at < later(-ABANDONED.total_seconds())
        taken = update(IdempotencyRow).where(*_same(request), abandoned)
        if self._count(taken.values(created_at=now())):
            return None
        raise _in_progress()


def _replay(row: IdempotencyRow) -> Replay | None:
    if row.status is None:  # it is still running
        return None
    return Replay(row.status, row.headers or {}, row.body or "")


def _in_progress() -> IdempotencyInProgress:
    message = "the first request with this Idempotency-Key is still running"
    return IdempotencyInProgress(message, hint="try again in 1 s")


def _same(request: Request) -> tuple[Any, ...]:
    return (
        IdempotencyRow.key_id == request.key_id,
        IdempotencyRow.method == request.method,
        IdempotencyRow.path == request.path,
        IdempotencyRow.idempotency_key == request.idempotency_key,
    )
