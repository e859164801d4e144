"""Phases, and how far a checkpoint is along them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Phase(StrEnum):
    """A label inside a state: what an attempt is busy with. In the order of a job."""

    VALIDATING = "validating"
    WAITING_GPU = "waiting_gpu"
    PREPARING_DATA = "preparing_data"
    TRAINING_TEACHER = "training_teacher"
    TEACHER_EVAL = "teacher_eval"
    CACHING_TEACHER = "caching_teacher"
    TRAINING_BASELINE = "training_baseline"
    TRAINING = "training"
    EVALUATING = "evaluating"
    EXPORTING = "exporting"
    QUANTIZING = "quantizing"
    BENCHMARKING = "benchmarking"
    PACKAGING = "packaging"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where an attempt can go on from."""

    phase: Phase
    step: int
    path: str
    """Inside the working folder of the job."""
    sha256: str
    size_bytes: int

    @property
    def position(self) -> tuple[int, int]:
        return tuple(Phase).index(self.phase), self.step

    def is_newer_than(self, other: Checkpoint | None) -> bool:
        return other is None or self.position > other.position

    def as_json(self) -> dict[str, Any]:
        return {
            "phase": self.phase.value,
            "step": self.step,
            "path": self.path,
            "sha256": self.sha256,
            "bytes": self.size_bytes,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Checkpoint:
        return cls(
            phase=Phase(document["phase"]),
            step=document["step"],
            path=document["path"],
            sha256=document["sha256"],
            size_bytes=document["bytes"],
        )
