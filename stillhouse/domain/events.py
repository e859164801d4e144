"""What an attempt reports: events of the log, metric points and log lines."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from stillhouse.domain.phases import Phase


class EventType(StrEnum):
    """As stored: {seq, type, at, attempt, data}. Names are `noun.verb`, in the past."""

    CREATED = "job.created"
    QUEUED = "job.queued"
    STARTING = "job.starting"
    STARTED = "job.started"
    RESUMED = "job.resumed"
    PHASE_CHANGED = "job.phase_changed"
    PROGRESS = "job.progress"
    CHECKPOINT_SAVED = "job.checkpoint_saved"
    TEACHER_MEASURED = "job.teacher_measured"
    ATTEMPT_LOST = "job.attempt_lost"
    WARNING = "job.warning"
    CHOSEN = "job.chosen"
    ARTIFACT_READY = "job.artifact_ready"
    ARTIFACT_FAILED = "job.artifact_failed"
    PAUSING = "job.pausing"
    PAUSED = "job.paused"
    CANCELLING = "job.cancelling"
    SUCCEEDED = "job.succeeded"
    FAILED = "job.failed"
    CANCELLED = "job.cancelled"
    EXPIRED = "job.expired"
    CHANGED = "job.changed"
    DELETED = "job.deleted"
    RESTORED = "job.restored"


REPORTED = frozenset(
    {
        EventType.PHASE_CHANGED,
        EventType.PROGRESS,
        EventType.RESUMED,
        EventType.TEACHER_MEASURED,
        EventType.WARNING,
        EventType.CHOSEN,
        EventType.ARTIFACT_FAILED,
    }
)
"""What an attempt may append as it goes; every other kind comes with the write that it tells of."""


@dataclass(frozen=True, slots=True)
class NewEvent:
    type: EventType
    data: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None
    """When it happened, if the reporter knows; the database's clock otherwise."""


@dataclass(frozen=True, slots=True)
class MetricPoint:
    """One value of one series. What is not a number is null and says which it is."""

    name: str
    step: int
    value: float | None
    epoch: int | None = None
    nonfinite: str | None = None
    phase: str | None = None

    def __post_init__(self) -> None:
        if self.value is not None and not math.isfinite(self.value):
            raise ValueError(f"{self.name} is {self.value}: give value=None and nonfinite")

    @property
    def series(self) -> str:
        """Two trainings of one job use the same names; only the student's stand alone."""
        own = self.phase in {Phase.TRAINING_TEACHER, Phase.TRAINING_BASELINE}
        return f"{self.phase}/{self.name}" if own else self.name


class Stream(StrEnum):
    STDOUT = "stdout"
    STDERR = "stderr"
    SUPERVISOR = "supervisor"


class Level(StrEnum):
    """From the least to the most important."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def and_above(self) -> tuple[Level, ...]:
        levels = tuple(Level)
        return levels[levels.index(self) :]


@dataclass(frozen=True, slots=True)
class LogLine:
    text: str
    stream: Stream = Stream.STDOUT
    level: Level = Level.INFO
    at: datetime | None = None


TEACHER_TOP1 = "teacher_top1"
"""What the student is held against; of several teachers, of all of them together."""
HIGHER_IS_BETTER = ("top1", "top5", "macro_f1", "agreement")
LOWER_IS_BETTER = ("loss", "ece")

Summary = dict[str, dict[str, Any]]
"""Name to {value, step, epoch}: what a list of jobs shows without reading the series."""


def summarised(
    last: Mapping[str, Any], best: Mapping[str, Any], points: Iterable[MetricPoint]
) -> tuple[Summary, Summary]:
    """The last value of each metric and the best of those that have a better side."""
    new_last, new_best = dict(last), dict(best)
    for point in points:
        entry = {"value": point.value, "step": point.step, "epoch": point.epoch}
        if point.value is None:
            new_last[point.series] = {**entry, "nonfinite": point.nonfinite}
            continue
        new_last[point.series] = entry
        sense = _sense(point.name)
        known = new_best.get(point.series)
        if sense and (known is None or (point.value - known["value"]) * sense > 0):
            new_best[point.series] = entry
    return new_last, new_best


def _sense(name: str) -> int:
    """1 when more is better, -1 when less is, 0 when neither."""
    measure = name.rsplit("/", maxsplit=1)[-1]
    return (measure in HIGHER_IS_BETTER) - (measure in LOWER_IS_BETTER)
