"""Bells to ring: written with the work they announce, removed when somebody comes for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from stillhouse.store.clock import later, now
from stillhouse.store.repository import Repository
from stillhouse.store.tables import OutboxRow
from stillhouse.store.tables.machinery import Bell

PATIENCE = timedelta(seconds=30)
"""How long a bell may stay unheard before it is rung again."""


def put_up(session: Session, bell: Bell, subject: str, queue: str) -> None:
    """A bell for new work, in its transaction. Due at once: who commits may die before it rings."""
    session.add(
        OutboxRow(bell=bell, subject=subject, queue=queue, rings=0, created_at=now(), due_at=now())
    )
    session.flush()


def take_down(session: Session, bell: Bell, subject: str) -> None:
    heard = delete(OutboxRow).where(OutboxRow.bell == bell, OutboxRow.subject == subject)
    session.execute(heard, execution_options={"synchronize_session": False})


class Outbox(Repository):
    def due(self, limit: int = 100) -> list[OutboxRow]:
        """Bells that nobody came for, the longest waiting first."""
        overdue = select(OutboxRow).where(OutboxRow.due_at <= now())
        return self._all(overdue.order_by(OutboxRow.due_at, OutboxRow.id).limit(limit))

    def mark_rung(self, rows: Iterable[int], patience: timedelta = PATIENCE) -> None:
        """They were rung just now; those still up after `patience` are due again."""
        due_at = later(patience.total_seconds())
        self._count(
            update(OutboxRow)
            .where(OutboxRow.id.in_(list(rows)))
            .values(rings=OutboxRow.rings + 1, due_at=due_at)
        )

    def mark_subject_rung(self, bell: Bell, subject: str, patience: timedelta = PATIENCE) -> None:
        """As `mark_rung`, for whoever put the bell up and has just rung it."""
        due_at = later(patience.total_seconds())
        self._count(
            update(OutboxRow)
            .where(OutboxRow.bell == bell, OutboxRow.subject == subject)
            .values(rings=OutboxRow.rings + 1, due_at=due_at)
        )

    def oldest(self) -> OutboxRow | None:
        """The bell that has been up longest; when that is minutes, the workers are deaf."""
        row: OutboxRow | None = self._one(
            select(OutboxRow).order_by(OutboxRow.created_at, OutboxRow.id).limit(1)
        )
        return row
