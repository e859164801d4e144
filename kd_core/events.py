"""What a run says while it works: typed events, the same from the trainer to the browser.

Progress is never parsed out of text. The science writes `{"type", "at", "data"}`; a service adds
`seq` and `attempt`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, SerializeAsAny, field_serializer

from kd_core.errors import KdError

Phase = Literal[
    "validating",
    "preparing_data",
    "training_teacher",
    "teacher_eval",
    "caching_teacher",
    "training_baseline",
    "training",
    "evaluating",
    "packaging",
]
NonFinite = Literal["nan", "inf", "-inf"]


class Payload(BaseModel):
    """The `data` of one kind of event."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    type: ClassVar[str]


class RunStarted(Payload):
    type: ClassVar[str] = "job.started"
    name: str
    fingerprint: str
    device: str
    threads: int


class RunResumed(Payload):
    """Points after this event supersede earlier ones of the same step."""

    type: ClassVar[str] = "job.resumed"
    phase: Phase
    step: int


class PhaseChanged(Payload):
    type: ClassVar[str] = "job.phase_changed"
    phase: Phase


class Progress(Payload):
    type: ClassVar[str] = "job.progress"
    phase: Phase
    epoch: int
    """The epoch being trained, counted from 1."""
    epochs: int
    step: int
    total_steps: int
    eta_s: float | None

    @property
    def fraction(self) -> float:
        return self.step / self.total_steps


class MetricPoint(BaseModel):
    """One value of one series. A value that is not a number is null and says which it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    step: int
    epoch: int
    value: float | None
    nonfinite: NonFinite | None = None

    @classmethod
    def of(cls, name: str, step: int, epoch: int, value: float) -> Self:
        if math.isfinite(value):
            return cls(name=name, step=step, epoch=epoch, value=value)
        which: NonFinite = "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
        return cls(name=name, step=step, epoch=epoch, value=None, nonfinite=which)


class Metrics(Payload):
    type: ClassVar[str] = "job.metrics"
    phase: Phase
    points: tuple[MetricPoint, ...]


class CheckpointSaved(Payload):
    type: ClassVar[str] = "job.checkpoint_saved"
    phase: Phase
    step: int
    path: str
    sha256: str
    bytes: int


class TeacherMeasured(Payload):
    type: ClassVar[str] = "job.teacher_measured"
    top1: float | None
    """Accuracy on the validation split; null on unlabelled data."""
    floor: float | None
    """What it had to reach."""
    samples: int
    name: str = "teacher"
    """Whose accuracy it is: teacher; teachers.0 and so on for one of several, teachers for all of
    them together.
    """

    @property
    def is_whole(self) -> bool:
        """It is about what the student learns from, not about one of several."""
        return "." not in self.name


class Warned(Payload):
    type: ClassVar[str] = "job.warning"
    code: str
    message: str
    hint: str = ""


class Chosen(Payload):
    """What `auto` came to mean, and why."""

    type: ClassVar[str] = "job.chosen"
    name: str
    value: str
    why: str


class ArtifactReady(Payload):
    type: ClassVar[str] = "job.artifact_ready"
    name: str
    format: str
    path: str
    sha256: str
    bytes: int


class ArtifactFailed(Payload):
    """An export that this student cannot have. Where it was required, the run ends."""

    type: ClassVar[str] = "job.artifact_failed"
    name: str
    format: str
    reason: str
    required: bool


class RunSucceeded(Payload):
    type: ClassVar[str] = "job.succeeded"
    top1: float | None
    verdict: str


class RunFailed(Payload):
    """The run ended; `code` and the rest are those of the error that ended it."""

    type: ClassVar[str] = "job.failed"
    code: str
    message: str
    hint: str
    pointer: str | None
    file: str | None
    phase: Phase

    @classmethod
    def of(cls, error: KdError, phase: Phase) -> Self:
        problem = error.problems[0]
        return cls(
            code=problem.code,
            message=problem.message,
            hint=problem.hint,
            pointer=problem.pointer,
            file=problem.file,
            phase=phase,
        )


class RunStopped(Payload):
    """Somebody asked the run to stop; it can be resumed."""

    type: ClassVar[str] = "job.stopped"
    phase: Phase


PAYLOADS: Mapping[str, type[Payload]] = {kind.type: kind for kind in Payload.__subclasses__()}


class Event(BaseModel):
    """One line of events.jsonl."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    type: str
    at: datetime
    data: SerializeAsAny[Payload]

    @classmethod
    def of(cls, payload: Payload, at: datetime) -> Self:
        milliseconds = at.replace(microsecond=at.microsecond // 1000 * 1000)
        return cls(type=payload.type, at=milliseconds, data=payload)

    @classmethod
    def parse(cls, line: str | bytes) -> Self:
        raw: dict[str, Any] = _Line.model_validate_json(line).model_dump()
        payload = PAYLOADS[raw["type"]].model_validate(raw["data"])
        return cls(type=raw["type"], at=raw["at"], data=payload)

    @field_serializer("at")
    def _utc(self, at: datetime) -> str:
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _Line(BaseModel):
    type: str
    at: datetime
    data: dict[str, Any]


OnEvent = Callable[[Event], None]
Emit = Callable[[Payload], None]
