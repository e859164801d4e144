"""A service that somebody has used for a while: jobs in every state, models, data sets, keys.

Everything in it was really trained and measured, on scikit-learn's digits.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

from stillhouse.client import StillhouseClient
from stillhouse.client.answers import Job
from stillhouse.domain.uploads import UploadKind
from tests.support.dashboard import built
from tests.support.local_service import Home, service

NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
LONG_NAME = (
    "shelves-2026-11 from convnext to mobilenet, by a script that wrote down all it was given: "
    "temperature 4.0, alpha 0.9, beta 8.0, warm-up 20, cosine, seed 17, mixup 0.2, cutmix 1.0, "
    "last of all, v3"
)
LOSSES: Mapping[str, Any] = {
    "digits, kd and rkkd": [
        {"kind": "ce", "weight": 0.1},
        {"kind": "kd", "weight": 0.9, "temperature": 4},
        {"kind": "rkkd", "weight": 0.5},
    ],
    "digits, pld": "pld",
    "digits, gdkd": "gdkd",
}
GATES = [
    {"metric": "top1", "op": ">=", "value": 0.9},
    {"metric": "top1_drop", "op": "<=", "value": 0.03, "of": "onnx_int8"},
    {"metric": "size_mb", "op": "<=", "value": 1, "of": "onnx_int8"},
]
TOO_FAST = {"metric": "latency_ms_p95", "op": "<=", "value": 0.01, "of": "onnx_int8"}
ENDLESS = {"preset": "quick", "epochs": 500, "checkpoint_every_s": 5}


@dataclass(frozen=True)
class Sample:
    """What there is to look at, by its id."""

    compared: list[str]
    failed: str
    running: str


class Filling:
    def __init__(self, client: StillhouseClient, folder: Path) -> None:
        self._client = client
        self._folder = folder
        self._dataset = ""
        self._teacher = ""

    def done(self) -> Sample:
        self._dataset = self._registered_digits()
        teacher = self._submitted("digits, resnet18 as a teacher", student="resnet18")
        weights = self._registered(self._client.jobs.wait(teacher.id))
        self._teacher = f"job:{teacher.id}"
        compared = self._compared()
        failed = self._submitted(
            "digits, a rate that is much too high",
            recipe={"epochs": 3, "optimizer": {"kind": "sgd", "lr": 100}, "clip": None},
        )
        self._client.jobs.wait(failed.id)
        for name in ("ci", "dashboard in the corridor"):
            self._client.keys.create(name, scopes=["jobs:read"])
        self._half_an_upload(weights)
        self._cancelled()
        self._paused()
        running = self._submitted("digits, dkd for the night", loss="dkd", recipe=ENDLESS)
        self._submitted(LONG_NAME, priority="high", labels={"team": "shelves"})
        self._submitted("digits, dist", loss="dist")
        self._until_it_trains(running, steps=200)
        return Sample(compared, failed.id, running.id)

    def _registered_digits(self) -> str:
        digits = load_digits()
        images = np.clip(digits.images * 16, 0, 255).astype(np.uint8)
        file = self._folder / "digits.npz"
        np.savez(
            file,
            images=images[..., None].repeat(3, axis=-1),
            labels=digits.target,
            class_names=np.array(NAMES),
        )
        upload = self._client.uploads.send(file, UploadKind.DATASET)
        made = self._client.datasets.create(upload.id, "digits")
        return self._client.datasets.wait(made.id).ref

    def _registered(self, job: Job) -> Path:
        """What the job has learnt as a model of its own; its file."""
        found = self._client.jobs.artifacts(job.id)
        weights = next(one for one in found if one.path.endswith(".safetensors"))
        file = self._client.artifacts.download(weights, self._folder / "resnet18.safetensors")
        upload = self._client.uploads.send(file, UploadKind.MODEL)
        made = self._client.models.create(upload.id, "digits-resnet18", "resnet18")
        self._client.models.wait(made.id)
        return file

    def _compared(self) -> list[str]:
        made = []
        for name, loss in LOSSES.items():
            made.append(
                self._submitted(
                    name,
                    loss=loss,
                    baseline=True,
                    gates=[*GATES, TOO_FAST] if name.endswith("pld") else GATES,
                    exports=[{"format": "onnx"}, {"format": "onnx_int8"}],
                    labels={"team": "vision", "data": "digits"},
                )
            )
        for job in made:
            self._client.jobs.wait(job.id)
        return [job.id for job in made]

    def _half_an_upload(self, file: Path) -> None:
        """Somebody's laptop was closed."""
        content = file.read_bytes()
        begun = self._client.uploads.create(
            UploadKind.MODEL, "shelves-convnext.safetensors", 2 * len(content), "0" * 64
        )
        self._client.uploads.put_part(begun.id, 1, content[: begun.part_size])

    def _cancelled(self) -> None:
        job = self._submitted("digits, by mistake", recipe=ENDLESS)
        self._until_it_trains(job)
        self._client.jobs.cancel(job.id)
        self._client.jobs.wait(job.id)

    def _paused(self) -> None:
        job = self._submitted("digits, after lunch", recipe=ENDLESS)
        self._until_it_trains(job)
        self._client.jobs.pause(job.id)
        self._client.jobs.settled(job.id)

    def _until_it_trains(self, job: Job, steps: int = 1) -> None:
        while True:
            seen = self._client.jobs.get(job.id)
            if seen.progress is not None and seen.progress.step >= steps:
                return
            if seen.is_over:
                raise RuntimeError(f"{job.name} is {seen.state}: {seen.failure}")
            time.sleep(1)

    def _submitted(self, name: str, student: str = "test_resnet", **changes: Any) -> Job:
        spec = {
            "name": name,
            "student": {"architecture": student},
            "data": {"dataset": self._dataset},
            "loss": "ce",
            "recipe": {"preset": "quick", "epochs": 6, "ema": 0.95},
        } | changes
        if spec["loss"] != "ce":
            spec["teacher"] = {"checkpoint": self._teacher, "architecture": "resnet18"}
        return self._client.jobs.create(spec)


@dataclass(frozen=True)
class Opened:
    url: str
    key: str
    filling: Filling


@contextmanager
def sample_service() -> Iterator[Opened]:
    """It is empty until somebody fills it."""
    with TemporaryDirectory(prefix="stillhouse-", ignore_cleanup_errors=True) as folder:
        home = Home(Path(folder))
        home.environ["STILLHOUSE_DASHBOARD_DIR"] = str(built())
        with service(home) as up:
            url, key = up.facts["url"], (home.data / "api-key").read_text().strip()
            with StillhouseClient(url, key) as client:
                yield Opened(url, key, Filling(client, home.folder))
