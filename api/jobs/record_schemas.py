"""What a job leaves in the books, as it is shown: events, metric series, log lines."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from api.answers import Answer, TailOf
from stillhouse.domain.events import Stream
from stillhouse.store.records import Series
from stillhouse.store.tables import EventRow, LogRow


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
    text: str
    """One line."""

    @classmethod
    def of(cls, line: LogRow) -> Self:
        return cls(
            seq=line.seq, at=line.at, attempt=line.attempt, stream=line.stream, text=line.text
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
