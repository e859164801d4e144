"""Checks of models and data sets: claimed like jobs, by lease and token, and decided once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select, update

from kd_core.errors import Problem
from stillhouse.domain.errors import StaleAttempt
from stillhouse.domain.text import storable
from stillhouse.domain.uploads import UploadKind
from stillhouse.store.clock import later, now
from stillhouse.store.leases import LEASE
from stillhouse.store.outbox import take_down
from stillhouse.store.repository import Repository
from stillhouse.store.tables import DatasetVersionRow, ModelRow
from stillhouse.store.tables.library import CheckState
from stillhouse.store.tables.machinery import Bell

MAX_CHECKS = 3
BELLS = {UploadKind.MODEL: Bell.MODEL_CHECK, UploadKind.DATASET: Bell.DATASET_CHECK}


@dataclass(frozen=True, slots=True)
class Check:
    """A model or a data set version that this worker has to look at."""

    kind: UploadKind
    subject: str
    """`mdl_...` or `ds_...@3`."""
    attempt: int
    worker_id: str
    tenant_id: str
    filename: str
    blob_sha256: str
    size_bytes: int
    declared: Mapping[str, Any]


class Checks(Repository):
    def claim(self, worker_id: str, ttl: timedelta = LEASE) -> Check | None:
        """The oldest thing to check, held by this worker for `ttl`; nothing when there is none.

        What has killed its checker three times is rejected without another look.
        """
        while (found := self._oldest()) is not None:
            kind, row = found
            if row.check_attempt < MAX_CHECKS:
                return self._claimed(kind, row, worker_id, ttl)
            self._decide(kind, row, CheckState.REJECTED, problems=[_DIED.as_json()])
        return None

    def renew(self, check: Check, ttl: timedelta = LEASE) -> None:
        row = self._mine(check)
        self._write(check.kind, row, check_until=later(ttl.total_seconds()))

    def ready(self, check: Check, facts: Mapping[str, Any]) -> None:
        """It can be used, and this is what it is."""
        self._decide(check.kind, self._mine(check), CheckState.READY, facts=storable(facts))

    def rejected(
        self, check: Check, problems: Sequence[Problem], facts: Mapping[str, Any] | None = None
    ) -> None:
        """It cannot be used, and these are the reasons."""
        told = [storable(problem.as_json()) for problem in problems]
        self._decide(
            check.kind,
            self._mine(check),
            CheckState.REJECTED,
            problems=told,
            facts=storable(facts) if facts is not None else None,
        )

    def _oldest(self) -> tuple[UploadKind, Any] | None:
        for kind, row in _TABLES.items():
            free = or_(row.check_until.is_(None), row.check_until < now())
            waiting = (
                select(row)
                .where(row.state == CheckState.CHECKING, free)
                .order_by(row.created_at)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if (found := self._one(waiting)) is not None:
                return kind, found
        return None

    def _claimed(self, kind: UploadKind, row: Any, worker_id: str, ttl: timedelta) -> Check:
        claimed = self._write(
            kind,
            row,
            check_attempt=row.check_attempt + 1,
            check_owner=worker_id,
            check_until=later(ttl.total_seconds()),
        )
        return Check(
            kind=kind,
            subject=claimed.id,
            attempt=claimed.check_attempt,
            worker_id=worker_id,
            tenant_id=claimed.tenant_id,
            filename=claimed.filename,
            blob_sha256=claimed.blob_sha256,
            size_bytes=claimed.size_bytes,
            declared=claimed.declared,
        )

    def _decide(self, kind: UploadKind, row: Any, state: CheckState, **values: Any) -> None:
        decided = {"check_owner": None, "check_until": None, "checked_at": now()}
        self._write(kind, row, state=state, **decided, **values)
        take_down(self._session, BELLS[kind], row.id)

    def _mine(self, check: Check) -> Any:
        row = _TABLES[check.kind]
        mine = select(row).where(
            *_identity(check.kind, check.subject),
            row.state == CheckState.CHECKING,
            row.check_attempt == check.attempt,
            row.check_owner == check.worker_id,
        )
        found = self._one(mine.with_for_update())
        if found is None:
            raise StaleAttempt(
                f"check {check.attempt} of {check.subject} is not {check.worker_id}'s any more",
                hint="forget what it found",
            )
        return found

    def _write(self, kind: UploadKind, row: Any, **values: Any) -> Any:
        table = _TABLES[kind]
        return self._one(
            update(table)
            .where(*_identity(kind, row.id))
            .values(version=table.version + 1, **values)
            .returning(table)
        )


_TABLES: Mapping[UploadKind, Any] = {
    UploadKind.MODEL: ModelRow,
    UploadKind.DATASET: DatasetVersionRow,
}

_DIED = Problem(
    "check_died",
    f"the program that checks it has died {MAX_CHECKS} times",
    "the file is broken in a way that we cannot name, or larger than the worker's memory",
)


def _identity(kind: UploadKind, subject: str) -> tuple[Any, ...]:
    if kind is UploadKind.MODEL:
        return (ModelRow.id == subject,)
    dataset_id, _, number = subject.partition("@")
    return DatasetVersionRow.dataset_id == dataset_id, DatasetVersionRow.number == int(number)
