"""What a trainer reports, as rows: metric points, log lines, and what they change in the job."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from stillhouse.domain.events import EventType, LogLine, MetricPoint, NewEvent, summarised
from stillhouse.domain.text import storable
from stillhouse.store.tables import JobRow, LogRow, MetricRow

PHASE_CHARACTERS = 32


def columns(
    job: JobRow, events: Iterable[NewEvent], points: Iterable[MetricPoint]
) -> dict[str, Any]:
    """What a reader of the job sees of them: progress, phase, the last and the best values."""
    last, best = summarised(job.last, job.best, points)
    values: dict[str, Any] = {"last": last, "best": best}
    for event in events:
        if event.type is EventType.PROGRESS:
            values["progress"] = storable(event.data)
        if phase := event.data.get("phase"):
            values["phase"] = storable(str(phase))[:PHASE_CHARACTERS]
    return values


def metric_rows(job: JobRow, points: Iterable[MetricPoint]) -> Iterator[MetricRow]:
    for point in points:
        yield MetricRow(
            job_id=job.id,
            tenant_id=job.tenant_id,
            attempt=job.attempt,
            series=point.series,
            step=point.step,
            epoch=point.epoch,
            value=point.value,
            nonfinite=point.nonfinite,
        )


def log_rows(job: JobRow, lines: Iterable[LogLine], at: datetime) -> Iterator[LogRow]:
    for seq, line in enumerate(lines, start=job.next_log_seq):
        yield LogRow(
            job_id=job.id,
            seq=seq,
            tenant_id=job.tenant_id,
            at=line.at or at,
            attempt=job.attempt,
            stream=line.stream,
            level=line.level,
            text=storable(line.text),
        )
