"""What a job leaves in the books, as it is shown: events, metric series, log lines, verdict."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Self

from api.answers import Answer, TailOf
from kd_core.report import Verdict as Word
from stillhouse.domain.events import Level, Stream
from stillhouse.domain.job import State, is_terminal
from stillhouse.store.records import Series
from stillhouse.store.tables import EventRow, JobRow, LogRow


class Event(Answer):
    seq: int
    """Counts from 1 in each job, without a gap."""
    type: str
    """job.queued, job.started, job.checkpoint_saved ..."""
    at: datetime
    """When it happened."""
    attempt: int
    """Which attempt it belongs to; 0 before the first."""
    data: dict[str, Any]
    """What there is to say, depending on the type."""

    @classmethod
    def of(cls, event: EventRow) -> Self:
        return cls(
            seq=event.seq, type=event.type, at=event.at, attempt=event.attempt, data=event.data
        )


class EventTail(TailOf[Event]):
    pass


class LogEntry(Answer):
    seq: int
    """Counts from 1 in each job."""
    at: datetime
    """When it was written."""
    attempt: int
    """Which attempt wrote it."""
    stream: Stream
    """stdout and stderr of the trainer, or its supervisor."""
    level: Level
    """How important it is."""
    text: str
    """One line."""

    @classmethod
    def of(cls, line: LogRow) -> Self:
        return cls(
            seq=line.seq,
            at=line.at,
            attempt=line.attempt,
            stream=line.stream,
            level=line.level,
            text=line.text,
        )


class LogTail(TailOf[LogEntry]):
    pass


class MetricSeries(Answer):
    name: str
    """train/loss, val/top1 ..."""
    steps: list[int]
    """Where the values were taken."""
    epochs: list[int | None]
    """The epoch of each value."""
    values: list[float | None]
    """null where it was no number."""
    nonfinite: list[str | None]
    """What it was there: nan, inf, -inf."""
    sampled: bool
    """Whether there were more points: lowest and highest of every stretch are kept."""

    @classmethod
    def of(cls, series: Series) -> Self:
        points = series.points
        return cls(
            name=series.name,
            steps=[point.step for point in points],
            epochs=[point.epoch for point in points],
            values=[point.value for point in points],
            nonfinite=[point.nonfinite for point in points],
            sampled=series.sampled,
        )


class Metrics(Answer):
    series: list[MetricSeries]
    """By name."""


class GateOutcome(Answer):
    metric: str
    """A number of the report, or one that compares with the teacher."""
    op: str
    """How the number must stand to the value: >=, <=, > or <."""
    value: float
    """The bar."""
    of: str
    """Whose number: student, teacher, baseline, or a file."""
    measured: float | None
    """The number; null where there is none."""
    passed: bool | None
    """null while nobody has looked, and for good where the job did not succeed."""
    reason: str | None
    """Why there is no number."""

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """From the specification, or from the report, which leaves out what it has not."""
        return cls(
            metric=told["metric"],
            op=told["op"],
            value=told["value"],
            of=told["of"],
            measured=told.get("measured"),
            passed=told.get("passed"),
            reason=told.get("reason"),
        )


class JobVerdict(Answer):
    verdict: Literal[Word, "pending"]
    """Of all gates: pending until the job is over; not_evaluated where it has no gates, or did not
    succeed."""
    gates: list[GateOutcome]
    """In the order of the specification."""

    @classmethod
    def of(cls, job: JobRow) -> Self:
        asked = job.resolved.get("gates", [])
        gates = [GateOutcome.read(told) for told in job.gates or asked]
        if not is_terminal(job.state):
            return cls(verdict="pending", gates=gates)
        succeeded = job.state is State.SUCCEEDED and job.verdict is not None
        return cls.model_validate(
            {"verdict": job.verdict if succeeded else "not_evaluated", "gates": gates}
        )
