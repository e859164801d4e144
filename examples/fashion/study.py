"""What is compared: one teacher, one student, one recipe, and a loss for each row of the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import yaml

import kd_core
from kd_core.events import Event, Metrics
from kd_core.report import Report

ALL_IMAGES = 60_000
PROBE_IMAGES, PROBE_EPOCHS = 1280, 2
TEACHER, STUDENT = "vgg8", "test_byobnet"
SIDE = 28
CLASSES = (
    *("T-shirt/top", "trouser", "pullover", "dress", "coat"),
    *("sandal", "shirt", "sneaker", "bag", "ankle boot"),
)

# Every setting is the one that its paper publishes, or our default: none was tuned here.
CE = {"kind": "ce", "weight": 1.0}
DKD = {"kind": "dkd", "weight": 1.0, "temperature": 4.0, "alpha": 1.0, "beta": 8.0}
METHODS: Mapping[str, tuple[str, Any]] = {
    "alone": ("student alone", "ce"),
    "kd": ("KD", "kd"),
    "dkd": ("DKD", "dkd"),
    "gdkd": ("GDKD", "gdkd"),
    "dist": ("DIST", "dist"),
    "pld": ("PLD", "pld"),
    "kd-rkkd": ("KD + RKKD", "rkkd"),
    "dkd-rkkd": ("DKD + RKKD", [CE, DKD, {"kind": "rkkd", "weight": 1.0, "k": 100.0}]),
}

# Mean and deviation of the training images, which are grey.
SCALE = {"mean": [0.286] * 3, "std": [0.353] * 3}


@dataclass(frozen=True)
class Study:
    folder: Path
    images: int
    epochs: int
    seeds: tuple[int, ...]
    threads: int | None
    probes: Study | None = None
    """The study whose time this one, far smaller, is to tell."""

    @property
    def data(self) -> Path:
        return self.folder / f"data-{self.images}.npz"

    def probe(self) -> Study:
        """The same in a minute: few images, two epochs, one seed."""
        return replace(
            self,
            folder=self.folder / "probe",
            images=min(PROBE_IMAGES, self.images),
            epochs=PROBE_EPOCHS,
            seeds=self.seeds[:1],
            probes=self,
        )

    def document(self, name: str) -> dict[str, Any]:
        """The specification of a row, or of the teacher; sources are relative to the folder."""
        shared: dict[str, Any] = {
            "name": f"fashion-mnist-{name}",
            "data": {"dataset": f"file:{self.data.name}", "image_size": SIDE},
        }
        if self.threads is not None:
            shared["resources"] = {"threads": self.threads}
        if name == "teacher":
            return shared | {
                "student": {"architecture": TEACHER, **SCALE},
                "loss": "ce",
                "recipe": self._recipe(0.001) | {"amp": "auto"},
            }
        return shared | {
            "teacher": {
                "architecture": TEACHER,
                "checkpoint": "file:teacher/artifacts/safetensors/model.safetensors",
                # A probe's teacher has seen next to nothing, and nobody learns from it in earnest.
                "force": self.probes is not None,
                **SCALE,
            },
            "student": {"architecture": STUDENT, **SCALE},
            "loss": METHODS[name][1],
            # A probe is there for the time of training alone.
            "exports": [{"format": "onnx_int8" if self.probes is None else "safetensors"}],
            # The student alone too: its images are then flipped as everybody's.
            "recipe": self._recipe(0.003)
            | {"seeds": list(self.seeds), "teacher_cache": {"views": "all", "rows": "fp32"}},
        }

    def _recipe(self, rate: float) -> dict[str, Any]:
        return {
            "epochs": self.epochs,
            "batch_size": 128,
            "optimizer": {"kind": "adamw", "lr": rate},
            "schedule": {"kind": "cosine", "warmup_epochs": min(1, self.epochs - 1)},
            "augment": {"kind": "flip_crop", "padding": 0},
            "checkpoint_every_s": 30,
        }


def run(study: Study, name: str, *, log: bool = False) -> Report:
    """Begin, go on, or find it finished: that is `kd_core.distill` in a folder of its own."""
    path = study.folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(study.document(name), sort_keys=False), encoding="utf-8")
    on_event = partial(_say, name) if log else None
    return kd_core.distill(path, study.folder / name, on_event)


def _say(name: str, event: Event) -> None:
    """A line for each epoch."""
    for point in event.data.points if isinstance(event.data, Metrics) else ():
        if point.name.endswith("val/top1"):
            seed = point.name.removesuffix("val/top1").strip("/")
            print(
                f"{event.at:%H:%M:%S} {name} {seed} epoch {point.epoch}: {point.value}", flush=True
            )
