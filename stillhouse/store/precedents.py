"""What jobs took that are over and were like one that is to come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from stillhouse.domain.job import State
from stillhouse.domain.likeness import Likeness, epochs_in_all
from stillhouse.domain.realm import Whose
from stillhouse.store.belonging import within
from stillhouse.store.repository import Repository
from stillhouse.store.tables import ArtifactRow, AttemptRow, JobRow

LOOKED_AT = 200
"""The newest ones: who asks waits for the answer."""
PEAK = "train/peak_mb"


@dataclass(frozen=True, slots=True)
class Precedent:
    seconds: float
    """Of all its attempts, with everything before and after training."""
    epochs: int
    """Of all students that it trained."""
    peak_mb: float | None
    """What its training held at the most; of one of an older release nobody knows."""
    made_bytes: int
    """What its files weigh."""


class Precedents(Repository):
    def of(self, whose: Whose, resolved: Mapping[str, Any]) -> list[Precedent]:
        """Those that have succeeded, the newest first."""
        columns = (JobRow.id, JobRow.resolved, JobRow.last)
        newest = (
            select(*columns)
            .where(
                within(whose, JobRow),
                JobRow.state == State.SUCCEEDED,
                JobRow.deleted_at.is_(None),
            )
            .order_by(JobRow.created_at.desc(), JobRow.id.desc())
            .limit(LOOKED_AT)
        )
        likeness = Likeness.of(resolved)
        found = [
            row for row in self._session.execute(newest) if Likeness.of(row.resolved) == likeness
        ]
        ids = [row.id for row in found]
        seconds, made = self._seconds(ids), self._made(ids)
        return [
            Precedent(
                seconds[row.id], epochs_in_all(row.resolved), _peak(row.last), made.get(row.id, 0)
            )
            for row in found
            if seconds.get(row.id)
        ]

    def _seconds(self, ids: list[str]) -> dict[str, float]:
        taken: dict[str, float] = {}
        ended = select(AttemptRow).where(
            AttemptRow.job_id.in_(ids), AttemptRow.ended_at.is_not(None)
        )
        for row in self._all(ended):
            span = (row.ended_at - row.started_at).total_seconds()
            taken[row.job_id] = taken.get(row.job_id, 0.0) + span
        return taken

    def _made(self, ids: list[str]) -> dict[str, int]:
        summed = (
            select(ArtifactRow.job_id, func.sum(ArtifactRow.size_bytes))
            .where(ArtifactRow.job_id.in_(ids))
            .group_by(ArtifactRow.job_id)
        )
        return {job_id: int(size) for job_id, size in self._session.execute(summed)}


def _peak(last: Mapping[str, Any]) -> float | None:
    """Of the students of all seeds, their teacher and their baselines."""
    told = [point["value"] for name, point in last.items() if name.endswith(PEAK)]
    return max((value for value in told if value is not None), default=None)
