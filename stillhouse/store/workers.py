"""Workers: one row for each life of one, its heartbeat, and whether it is being drained."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from stillhouse.domain.errors import NotFound
from stillhouse.domain.ids import Prefix
from stillhouse.store.clock import later, now
from stillhouse.store.repository import Repository
from stillhouse.store.tables import DatasetVersionRow, JobRow, ModelRow, WorkerRow
from stillhouse.store.tables.machinery import WorkerState

ALIVE = timedelta(seconds=60)


class Workers(Repository):
    def register(
        self,
        name: str,
        *,
        host: str,
        pid: int,
        queues: Collection[str],
        slots: int = 1,
        facts: Mapping[str, Any] | None = None,
    ) -> WorkerRow:
        """A new life of the worker of this name. Its older lives are gone, and their jobs lost."""
        self._count(
            update(WorkerRow)
            .where(WorkerRow.name == name, WorkerRow.state != WorkerState.GONE)
            .values(state=WorkerState.GONE, gone_at=now())
        )
        worker = WorkerRow(
            id=self._mint(Prefix.WORKER),
            name=name,
            host=host,
            pid=pid,
            queues=sorted(queues),
            slots=slots,
            facts=dict(facts or {}),
            state=WorkerState.ACTIVE,
            started_at=now(),
            heartbeat_at=now(),
        )
        self._add(worker)
        return worker

    def names(self, worker_ids: Collection[str]) -> dict[str, str]:
        """What people call them, by id."""
        known = select(WorkerRow).where(WorkerRow.id.in_(worker_ids))
        return {worker.id: worker.name for worker in self._all(known)}

    def heartbeat(self, worker_id: str) -> WorkerState:
        """Alive just now. The answer tells a draining worker, and one that was given up."""
        beating: WorkerRow | None = self._one(
            update(WorkerRow)
            .where(WorkerRow.id == worker_id)
            .values(heartbeat_at=now())
            .returning(WorkerRow)
        )
        if beating is None:
            raise NotFound("worker", worker_id)
        return beating.state

    def drain(self, worker_id: str) -> None:
        """Take no more jobs; supervisors save and give back those they hold."""
        active = update(WorkerRow).where(
            WorkerRow.id == worker_id, WorkerRow.state == WorkerState.ACTIVE
        )
        self._count(active.values(state=WorkerState.DRAINING))

    def leave(self, worker_id: str) -> None:
        """Gone for good; whatever it still held is lost at once."""
        present = update(WorkerRow).where(
            WorkerRow.id == worker_id, WorkerRow.state != WorkerState.GONE
        )
        self._count(present.values(state=WorkerState.GONE, gone_at=now()))

    def holds_work(self, worker_id: str) -> bool:
        """Whether a job or a check is in this worker's hands."""
        held = (
            select(JobRow.id).where(JobRow.lease_owner == worker_id),
            select(ModelRow.id).where(ModelRow.check_owner == worker_id),
            select(DatasetVersionRow.number).where(DatasetVersionRow.check_owner == worker_id),
        )
        return any(self._all(rows.limit(1)) for rows in held)

    def bury_silent(self, silence: timedelta) -> int:
        """Give up workers that were not heard of for so long; how many there were."""
        silent = update(WorkerRow).where(
            WorkerRow.state != WorkerState.GONE,
            WorkerRow.heartbeat_at < later(-silence.total_seconds()),
        )
        return self._count(silent.values(state=WorkerState.GONE, gone_at=now()))

    def present(self, *, alive_within: timedelta | None = None) -> list[WorkerRow]:
        """Those that are not gone; with a span, those that were heard of in it."""
        present = select(WorkerRow).where(WorkerRow.state != WorkerState.GONE)
        if alive_within is not None:
            since = later(-alive_within.total_seconds())
            present = present.where(WorkerRow.heartbeat_at >= since)
        return self._all(present.order_by(WorkerRow.started_at, WorkerRow.id))
