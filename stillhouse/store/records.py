"""What an attempt left in the books, for readers: events, log lines and metric series."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import func, select

from stillhouse.domain.events import Level, Stream
from stillhouse.domain.sampling import sampled
from stillhouse.store.repository import Repository
from stillhouse.store.tables import EventRow, LogRow, MetricRow

MAX_LINES = 10_000


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
    points: Sequence[MetricRow]
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
        max_points: int = 300,
        attempt: int | None = None,
    ) -> list[Series]:
        """Curves by name. A step that a later attempt did again has the later value."""
        of_step = select(func.max(MetricRow.id)).where(
            MetricRow.tenant_id == tenant_id,
            MetricRow.job_id == job_id,
            MetricRow.step >= since_step,
        )
        if names:
            of_step = of_step.where(MetricRow.series.in_(names))
        if attempt is not None:
            of_step = of_step.where(MetricRow.attempt == attempt)
        latest = of_step.group_by(MetricRow.series, MetricRow.step)
        rows = self._all(
            select(MetricRow)
            .where(MetricRow.id.in_(latest))
            .order_by(MetricRow.series, MetricRow.step)
        )
        curves = [(name, list(points)) for name, points in groupby(rows, lambda row: row.series)]
        return [
            Series(
                name, sampled(points, max_points, lambda row: row.value), len(points) > max_points
            )
            for name, points in curves
        ]
