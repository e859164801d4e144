"""Where a supervisor works: the books, the blobs, a folder of its own, and the programs to run."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from stillhouse.runtime.settings import Settings
from stillhouse.store import (
    DirectoryBlobs,
    ReadOnly,
    Sessions,
    UnitOfWork,
    create_engine,
    session_factory,
)
from worker.zygote import Zygote

TRAINER = (sys.executable, "-m", "kd_core.process")
LEASHED = (sys.executable, "-m", "worker.leashed")
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES")


@dataclass(frozen=True)
class Station:
    """Made in the process that uses it: connections do not survive a fork."""

    settings: Settings
    worker_id: str
    queues: Sequence[str]
    sessions: Sessions
    blobs: DirectoryBlobs
    trainer: Sequence[str] = TRAINER
    environment: Mapping[str, str] = field(default_factory=lambda: outside_environment(os.environ))
    zygote: Zygote | None = None
    """Where trainers are forked from; None: each starts as an interpreter of its own."""

    @classmethod
    def of(
        cls,
        settings: Settings,
        worker_id: str,
        queues: Sequence[str],
        trainer: Sequence[str] = TRAINER,
    ) -> Station:
        settings.work.mkdir(parents=True, exist_ok=True)
        sessions = session_factory(create_engine(settings.database))
        station = cls(
            settings, worker_id, queues, sessions, DirectoryBlobs(settings.blobs), trainer
        )
        if not settings.warm_starts or trainer != TRAINER:
            return station
        return replace(station, zygote=Zygote(station.environment))

    @property
    def work(self) -> Path:
        return self.settings.work.resolve()

    def warm_up(self) -> None:
        """Call it from the main thread, early: what it starts takes seconds to be ready."""
        if self.zygote is not None:
            self.zygote.renew()

    def books(self) -> UnitOfWork:
        return UnitOfWork(self.sessions)

    def reading(self) -> ReadOnly:
        return ReadOnly(self.sessions)


def outside_environment(ours: Mapping[str, str]) -> dict[str, str]:
    """All that a program which reads a user's files gets to see: no address, no secret."""
    kept = {name: ours[name] for name in INHERITED if name in ours}
    return {
        **kept,
        # Threads that spin while they wait starve their neighbours; numpy would start some when
        # it is imported, one for each core.
        "OMP_WAIT_POLICY": "PASSIVE",
        "OPENBLAS_NUM_THREADS": "1",
        # A file that a user named torch.py is not what `import torch` means.
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
    }
