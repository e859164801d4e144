"""The system, as it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Self

from api.answers import Answer
from stillhouse.store.queueing import Load
from stillhouse.store.tables import WorkerRow
from stillhouse.store.tables.machinery import WorkerState


class Gpu(Answer):
    name: str
    """As its driver calls it."""
    memory_bytes: int | None
    """Its own memory."""


class Machine(Answer):
    """What the worker has found on its machine when it started; null: it did not say."""

    version: str | None
    """Of stillhouse, there."""
    processors: int | None
    """That the worker may use."""
    memory_bytes: int | None
    """Of the machine."""
    gpus: list[Gpu] | None
    """Empty: it trains on its processors."""

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        gpus = facts.get("gpus")
        return cls(
            version=facts.get("version"),
            processors=facts.get("processors"),
            memory_bytes=facts.get("memory_bytes"),
            gpus=None if gpus is None else [Gpu(**gpu) for gpu in gpus],
        )


class Worker(Answer):
    id: str
    """wrk_...: of this life; a restart is another one."""
    name: str
    """As attempts name it."""
    host: str
    """The machine that it runs on."""
    state: Literal["active", "draining", "silent"]
    """draining: it takes no more jobs; silent: nothing was heard of it for a minute."""
    queues: list[str]
    """Which jobs it takes: cpu, gpu."""
    slots: int
    """How many jobs it has at a time."""
    busy: int
    """How many it has, of whoever."""
    jobs: list[str]
    """Those of them that this key sees."""
    machine: Machine
    """What it can work with."""
    started_at: datetime
    """When this life began."""
    heartbeat_at: datetime
    """When it was heard of last, to the minute."""

    @classmethod
    def of(cls, worker: WorkerRow, *, heard: bool, busy: int, jobs: Sequence[str]) -> Self:
        return cls(
            id=worker.id,
            name=worker.name,
            host=worker.host,
            state=_state(worker, heard=heard),
            queues=worker.queues,
            slots=worker.slots,
            busy=busy,
            jobs=list(jobs),
            machine=Machine.of(worker.facts),
            started_at=worker.started_at,
            heartbeat_at=worker.heartbeat_at.replace(second=0, microsecond=0),
        )


def _state(worker: WorkerRow, *, heard: bool) -> Literal["active", "draining", "silent"]:
    if not heard:
        return "silent"
    return "draining" if worker.state is WorkerState.DRAINING else "active"


class WorkerList(Answer):
    data: list[Worker]
    """Those that are there, the longest first."""


class ProjectLoad(Answer):
    project: str
    """Its name."""
    queued: int
    """Jobs that wait for a worker."""
    at_work: int
    """Jobs that a worker has."""
    oldest_queued_at: datetime | None
    """When the one was submitted that waits the longest; null where none waits."""

    @classmethod
    def of(cls, load: Load) -> Self:
        return cls(
            project=load.project,
            queued=load.queued,
            at_work=load.at_work,
            oldest_queued_at=load.oldest_queued_at,
        )


class QueueLoad(Answer):
    projects: list[ProjectLoad]
    """Those that this key sees and that have jobs waiting or at work, by name."""
    queued: int
    """Jobs that wait, of whoever: workers are shared."""
    at_work: int
    """Jobs that workers have, of whoever."""
    slots: int
    """How many jobs all active workers have at a time."""


class Stored(Answer):
    kind: Literal[
        "models", "datasets", "artifacts", "checkpoints", "uploads", "recordings", "trash"
    ]
    """What it is. uploads: parts of those that are not complete; trash: artifacts of jobs in it."""
    count: int
    """How many files."""
    bytes: int
    """Together. Bytes that several files share are on the disk once, and count in each."""


class Retention(Answer):
    trash_s: float
    """For how long a deleted job can be restored."""
    uploads_s: float
    """For how long an upload waits for its next part."""
    recordings_bytes: int
    """How much of what teachers answered is kept for each tenant."""


class Disk(Answer):
    """Where files are kept, in steps of 100 MB; everybody shares it."""

    free_bytes: int
    """What is left."""
    total_bytes: int
    """What it holds."""


class Storage(Answer):
    data: list[Stored]
    """Of what this key sees, one entry for each kind."""
    retention: Retention
    """When things go by themselves."""
    disk: Disk
