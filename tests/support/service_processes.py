"""The service's own processes for tests, with real books and a real broker."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from stillhouse.domain.job import TERMINAL, State
from stillhouse.domain.uploads import UploadKind
from stillhouse.runtime.broker import JOB_BELL, make_celery, ring
from stillhouse.runtime.settings import Settings
from stillhouse.store import DirectoryBlobs, create_engine, session_factory, upgrade
from stillhouse.store.tables import EventRow, JobRow
from tests.support.service import TENANT, World
from tests.support.small_runs import small_data, small_spec
from tests.support.valkey import Valkey

ROOT = Path(__file__).parents[2]
PR_SET_PDEATHSIG = 1
SHORT = {
    "lease_ttl_s": 4,
    "lease_renew_s": 1,
    "reconcile_every_s": 1,
    "rering_after_s": 2,
    "cancel_grace_s": 5,
    "checkpoint_grace_s": 20,
    "stall_after_s": 60,
}
FILE_TRIAL = "kd_core/exports/program.py"
NOOP_WORKER = (sys.executable, "-m", "tests.support.noop_worker")
WORKER = (sys.executable, "-m", "worker.app")
RECONCILER = (sys.executable, "-m", "worker.reconciler")


class Service(World):
    """Books, blobs, broker, and the processes that a test starts; gone with the `with` block."""

    def __init__(
        self, folder: Path, broker: Valkey, template: Path | None = None, database_url: str = ""
    ) -> None:
        """On a copy of the migrated SQLite file `template`, or on a database that is migrated."""
        self.folder = folder
        self.broker = broker
        self.settings = Settings(
            data_dir=folder, broker_url=broker.url, database_url=database_url, **SHORT
        )
        if template is not None:
            shutil.copy(template, folder / "stillhouse.db")
        self.engine = create_engine(self.settings.database)
        self.blobs = DirectoryBlobs(self.settings.blobs)
        self.celery = make_celery(self.settings)
        self.processes: list[subprocess.Popen[bytes]] = []
        super().__init__(session_factory(self.engine))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        self.engine.dispose()
        self.celery.close()

    def start(self, command: Collection[str], **settings: Any) -> subprocess.Popen[bytes]:
        log = self.folder / f"process-{len(self.processes)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                list(command),
                cwd=ROOT,
                env=self._environment(settings),
                stdout=output,
                stderr=output,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - it only calls the kernel
            )
        self.processes.append(process)
        return process

    def start_worker(self, name: str = "w", **settings: Any) -> subprocess.Popen[bytes]:
        return self.start(WORKER, worker_name=name, **settings)

    def start_noop_worker(self, name: str) -> subprocess.Popen[bytes]:
        return self.start(NOOP_WORKER, worker_name=name)

    def start_reconciler(self) -> subprocess.Popen[bytes]:
        return self.start(RECONCILER)

    def logs(self) -> str:
        return "\n".join(log.read_text() for log in sorted(self.folder.glob("process-*.log")))

    def submit_and_ring(self, **changes: Any) -> JobRow:
        job = self.submit(**changes)
        ring(self.celery, JOB_BELL, job.id, job.queue)
        return job

    def dataset(self, content: Path) -> str:
        """A data set version that has passed its check; its id as a specification has it."""
        upload, checker = self.upload(content, UploadKind.DATASET), self.worker("checker").id
        with self.work() as uow:  # in one, or a worker that is at work would check it itself
            version = uow.datasets.create(TENANT, upload, name="stripes", declared={})
            uow.checks.ready(uow.checks.claim(checker), {})
        return version.id

    def upload(self, content: Path, kind: UploadKind) -> str:
        stored = self.blobs.put([content.read_bytes()], max_bytes=1 << 30)
        with self.work() as uow:
            uow.blobs.register(stored.sha256, stored.size_bytes)
            announced = {"filename": content.name, "size_bytes": stored.size_bytes}
            upload = uow.uploads.create(TENANT, kind, sha256=stored.sha256, **announced)
            uow.uploads.complete(TENANT, upload.id, stored.sha256, stored.size_bytes)
        return upload.id

    def training(self, spec: Mapping[str, Any] = MappingProxyType({}), **recipe: Any) -> JobRow:
        """A small real job on stripes, submitted and rung."""
        data = self.dataset(small_data(self.folder / "stripes.npz", count=100))
        changes = small_spec()
        changes["data"] = {"dataset": data, "image_size": 16}
        changes["recipe"] = changes["recipe"] | recipe
        return self.submit_and_ring(**changes, **spec, teacher=None)

    def state(self, job_id: str) -> State:
        return self.job(job_id).state

    def wait(self, claim: Callable[[], object], what: str, within_s: float = 60) -> None:
        deadline = time.monotonic() + within_s
        while not claim():
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {within_s} s: {what}\n{self.logs()[-8000:]}")
            time.sleep(0.1)

    def wait_for_end(self, job_id: str, within_s: float = 180) -> JobRow:
        self.wait(lambda: self.state(job_id) in TERMINAL, f"{job_id} is not over", within_s)
        return self.job(job_id)

    def wait_for_event(self, job_id: str, kind: str, attempt: int = 1) -> EventRow:
        found: list[EventRow] = []

        def look() -> bool:
            found[:] = [
                event
                for event in self.events(job_id)
                if event.type == kind and event.attempt >= attempt
            ]
            return bool(found)

        self.wait(look, f"{job_id} has no {kind} in attempt {attempt}")
        return found[0]

    def wait_for_training(self, job_id: str, attempt: int = 1) -> None:
        """Until the attempt has trained and saved a checkpoint to go on from."""
        self.wait_for_event(job_id, "job.checkpoint_saved", attempt)

    def events(self, job_id: str) -> list[EventRow]:
        with self.work() as uow:
            return uow.events.after(TENANT, job_id, limit=10_000)

    def artifact(self, job_id: str, name: str) -> bytes:
        with self.work() as uow:
            found = {row.name: row for row in uow.artifacts.of_job(TENANT, job_id)}
        return b"".join(self.blobs.read(found[name].blob_sha256))

    def trainers(self) -> list[int]:
        """Trainer processes of this service, by the folder that they work in. One that packs has
        another beside it, in which a file is tried.
        """
        of_all = ((at.name, _command_line(at)) for at in Path("/proc").iterdir())
        return [
            int(name)
            for name, line in of_all
            if name.isdigit() and str(self.settings.work) in line and FILE_TRIAL not in line
        ]

    def _environment(self, settings: dict[str, Any]) -> dict[str, str]:
        told = self.settings.model_dump(exclude_none=True) | settings
        ours = {"data_dir", "database_url", "broker_url", "worker_name", "allow_torch_checkpoints"}
        ours |= {"warm_starts"}
        ours |= SHORT.keys()
        return {
            **os.environ,
            **{f"STILLHOUSE_{name.upper()}": str(told[name]) for name in ours},
            "STILLHOUSE_LOG_FORMAT": "console",
        }


def migrated_template(folder: Path) -> Path:
    upgrade(f"sqlite:///{folder / 'template.db'}")
    return folder / "template.db"


def _command_line(entry: Path) -> str:
    try:
        return (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _die_with_parent() -> None:
    # A killed test session leaves no process behind.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
