"""What an attempt left in the books, for readers: events, log lines and metric series."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import func, select

from stillhouse.domain.events import Level, Stream
from stillhouse.domain.sampling import sampled
from stillhouse.store.repository import Repository
from stillhouse.store.tables import EventRow, LogRow, MetricRow

MAX_LINES = 10_000
ROWS_AT_ONCE = 10_000
POINT = (
    MetricRow.series,
    MetricRow.step,
    MetricRow.value,
    MetricRow.epoch,
    MetricRow.nonfinite,
    MetricRow.attempt,
)
# By place, which costs a third of what it costs by name.
name_of, step_of, value_of = map(itemgetter, range(3))


class Events(Repository):
    def after(
        self,
        tenant_id: str,
        job_id: str,
        seq: int = 0,
        *,
        types: Collection[str] = (),
        limit: int = 200,
    ) -> list[EventRow]:
        """What happened after event `seq`, oldest first."""
        statement = select(EventRow).where(
            EventRow.tenant_id == tenant_id, EventRow.job_id == job_id, EventRow.seq > seq
        )
        if types:
            statement = statement.where(EventRow.type.in_(types))
        return self._all(statement.order_by(EventRow.seq).limit(min(limit, MAX_LINES)))


@dataclass(frozen=True, slots=True)
class LinesWanted:
    """What is given must hold of a line."""

    streams: Collection[Stream] = ()
    levels: Collection[Level] = ()
    contains: str = ""
    """These letters, as they are."""


class Logs(Repository):
    def after(
        self,
        tenant_id: str,
        job_id: str,
        seq: int = 0,
        wanted: LinesWanted = LinesWanted(),
        *,
        limit: int = 200,
    ) -> list[LogRow]:
        """Lines after line `seq`, oldest first."""
        statement = select(LogRow).where(
            LogRow.tenant_id == tenant_id, LogRow.job_id == job_id, LogRow.seq > seq
        )
        if wanted.levels:
            statement = statement.where(LogRow.level.in_(wanted.levels))
        if wanted.streams:
            statement = statement.where(LogRow.stream.in_(wanted.streams))
        if wanted.contains:
            # LIKE would tell letters from capitals on one of the two databases only.
            place_of = func.instr if self._is_sqlite else func.strpos
            statement = statement.where(place_of(LogRow.text, wanted.contains) > 0)
        return self._all(statement.order_by(LogRow.seq).limit(min(limit, MAX_LINES)))

    def tail(self, tenant_id: str, job_id: str, limit: int = 50) -> list[LogRow]:
        """The last lines, oldest first."""
        mine = select(LogRow).where(LogRow.tenant_id == tenant_id, LogRow.job_id == job_id)
        return self._all(mine.order_by(LogRow.seq.desc()).limit(min(limit, MAX_LINES)))[::-1]


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    points: Sequence[Any]
    """Rows of POINT."""
    sampled: bool
    """True when there were more points than were asked for."""


class Metrics(Repository):
    def names(self, tenant_id: str, job_id: str) -> list[str]:
        mine = select(MetricRow.series).where(
            MetricRow.tenant_id == tenant_id, MetricRow.job_id == job_id
        )
        return sorted(self._session.scalars(mine.distinct()))

    def series(
        self,
        tenant_id: str,
        job_id: str,
        *,
        names: Collection[str] = (),
        since_step: int = 0,
        until_step: int | None = None,
        max_points: int = 300,
        attempt: int | None = None,
    ) -> list[Series]:
        """Curves by name. A step that a later attempt did again has the later value."""
        # Columns, in the order of the index: of a million points the mapper and a sort would take
        # most of the time, and a gigabyte.
        points = select(*POINT).where(
            MetricRow.tenant_id == tenant_id,
            MetricRow.job_id == job_id,
            MetricRow.step >= since_step,
        )
        if until_step is not None:
            points = points.where(MetricRow.step <= until_step)
        if names:
            points = points.where(MetricRow.series.in_(names))
        if attempt is not None:
            points = points.where(MetricRow.attempt == attempt)
        rows = self._session.connection().execute(
            points.order_by(MetricRow.series, MetricRow.id),
            execution_options={"yield_per": ROWS_AT_ONCE},
        )
        return [
            _thinned(name, _latest(curve), max_points) for name, curve in groupby(rows, name_of)
        ]


def _latest(curve: Iterable[Any]) -> Sequence[Any]:
    """By steps, of points in the order in which they were written."""
    of_step = {step_of(row): row for row in curve}
    return [of_step[step] for step in sorted(of_step)]


def _thinned(name: str, points: Sequence[Any], max_points: int) -> Series:
    kept = sampled(points, max_points, value_of)
    return Series(name, kept, sampled=len(points) > max_points)
