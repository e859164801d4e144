"""A small world in a store: a tenant, specifications, workers, uploads and what becomes of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from stillhouse.domain.failure import ExitClass, Failure
from stillhouse.domain.job_spec import JobSpec, parse_job_spec
from stillhouse.domain.phases import Checkpoint, Phase
from stillhouse.domain.uploads import UploadKind
from stillhouse.store import DirectoryBlobs, Sessions, UnitOfWork
from stillhouse.store.leases import Claim, Token
from stillhouse.store.tables import JobRow, UploadRow, WorkerRow

TENANT = "default"
SPENT = timedelta(seconds=-1)
"""A lease that has run out when it is given: time passes without anybody sleeping."""


def document(**changes: Any) -> dict[str, Any]:
    return {
        "teacher": {"architecture": "resnet18", "recipe": {"preset": "quick"}},
        "student": {"architecture": "resnet10t"},
        "data": {"dataset": "digits"},
        "loss": "kd",
        **changes,
    }


def job_spec(**changes: Any) -> JobSpec:
    return parse_job_spec(document(**changes))


class World:
    """Each verb in its own unit of work, as the API and the worker have them."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions
        with self.work() as uow:
            uow.tenants.ensure(TENANT)

    def work(self) -> UnitOfWork:
        return UnitOfWork(self.sessions)

    def submit(self, tenant: str = TENANT, **changes: Any) -> JobRow:
        with self.work() as uow:
            return uow.jobs.create(tenant, job_spec(**changes), document(**changes))

    def job(self, job_id: str, tenant: str = TENANT) -> JobRow:
        with self.work() as uow:
            return uow.jobs.get(tenant, job_id)

    def worker(self, name: str = "box:1") -> WorkerRow:
        with self.work() as uow:
            return uow.workers.register(name, host="box", pid=1, queues=["cpu"])

    def claim(
        self, worker_id: str, ttl: timedelta = timedelta(seconds=60), queue: str = "cpu"
    ) -> Claim | None:
        with self.work() as uow:
            return uow.leases.claim(worker_id, [queue], ttl)

    def running(self, ttl: timedelta = timedelta(seconds=60), **changes: Any) -> Token:
        """A job that was submitted, claimed and started; its token."""
        self.submit(**changes)
        claim = self.claim(self.worker().id, ttl)
        with self.work() as uow:
            uow.attempts.start(claim.token)
        return claim.token

    def succeeded(self, blobs: DirectoryBlobs, files: Mapping[str, bytes], **changes: Any) -> str:
        """A job that has succeeded and made these; its id."""
        token = self.running(**changes)
        for name, content in files.items():
            self.shipped(blobs, token, name, content)
        with self.work() as uow:
            return uow.attempts.succeed(token, "not_evaluated").id

    def shipped(self, blobs: DirectoryBlobs, token: Token, name: str, content: bytes) -> None:
        blob = blobs.put([content], max_bytes=len(content))
        with self.work() as uow:
            uow.blobs.register(blob.sha256, blob.size_bytes)
            made = {"name": name, "format": "safetensors", "blob_sha256": blob.sha256}
            uow.attempts.add_artifact(token, size_bytes=blob.size_bytes, **made)

    def event_log(self, job_id: str) -> list[tuple[int, str]]:
        with self.work() as uow:
            return [(e.seq, e.type) for e in uow.events.after(TENANT, job_id, limit=10_000)]

    def blob(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        with self.work() as uow:
            uow.blobs.register(digest, len(content))
        return digest

    def uploaded(
        self, kind: UploadKind = UploadKind.MODEL, content: bytes = b"weights"
    ) -> UploadRow:
        digest = self.blob(content)
        announced = {"filename": "file", "size_bytes": len(content), "sha256": digest}
        with self.work() as uow:
            upload = uow.uploads.create(TENANT, kind, **announced)
            return uow.uploads.complete(TENANT, upload.id, digest, len(content))

    def ready_model(self, facts: Mapping[str, Any] | None = None) -> str:
        """A model that has passed its check; its id."""
        upload = self.uploaded()
        with self.work() as uow:
            model = uow.models.create(TENANT, upload.id, name="teacher", declared={})
        checker = self.worker("checker")
        with self.work() as uow:
            uow.checks.ready(uow.checks.claim(checker.id), facts or {})
        return model.id


def checkpoint(step: int, phase: Phase = Phase.TRAINING) -> Checkpoint:
    return Checkpoint(phase, step, f"checkpoints/{step}.pt", "0" * 64, 1)


def failure(exit_class: ExitClass = ExitClass.INFRA_LOST) -> Failure:
    return Failure(exit_class, exit_class.value, "it ended")
