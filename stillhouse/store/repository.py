"""What every repository has: a session it never commits, ids, pages, and upserts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import CursorResult, Executable, Select, and_, literal_column, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import InstrumentedAttribute

from stillhouse.domain import ids
from stillhouse.domain.ids import Prefix, RandomBytes
from stillhouse.domain.pages import MAX_LIMIT, Cursor, Page
from stillhouse.store.clock import now
from stillhouse.store.tables import Row

AnyRow = TypeVar("AnyRow", bound=Row)

# A guarded statement returns the row as it is now, over whatever the session has read before.
FRESH = {"populate_existing": True, "synchronize_session": False}


class Repository:
    def __init__(self, session: Session, random_bytes: RandomBytes) -> None:
        self._session = session
        self._random_bytes = random_bytes

    @property
    def _is_sqlite(self) -> bool:
        return self._session.get_bind().dialect.name == "sqlite"

    def _now(self) -> datetime:
        return self._session.scalars(select(now())).one()

    def _mint(self, prefix: Prefix) -> str:
        return ids.mint(prefix, self._now(), self._random_bytes)

    def _one(self, statement: Any) -> Any:
        """The one row that a SELECT or an UPDATE ... RETURNING gives, or None."""
        return self._session.scalars(statement, execution_options=FRESH).one_or_none()

    def _all(self, statement: Any) -> list[Any]:
        return list(self._session.scalars(statement, execution_options=FRESH))

    def _count(self, statement: Executable) -> int:
        """Run a statement that changes rows; how many it changed."""
        result = self._session.execute(statement, execution_options={"synchronize_session": False})
        return result.rowcount if isinstance(result, CursorResult) else 0

    def _add(self, *rows: Row) -> None:
        self._session.add_all(rows)
        self._session.flush()

    def _insert(self, table: type[Row]) -> postgresql.Insert | sqlite.Insert:
        """An INSERT that knows ON CONFLICT, which the two databases spell alike."""
        return sqlite.insert(table) if self._is_sqlite else postgresql.insert(table)

    def _is_new(self, insert: postgresql.Insert | sqlite.Insert) -> bool:
        """Insert unless such a row is there; True when it was not."""
        # Drivers count differently after ON CONFLICT; a row that comes back is a fact.
        statement: Executable = insert.on_conflict_do_nothing().returning(literal_column("1"))
        return self._session.execute(statement).first() is not None

    def _page(
        self,
        statement: Select[AnyRow],
        created_at: InstrumentedAttribute[datetime],
        identity: InstrumentedAttribute[str],
        limit: int,
        cursor: Cursor | None,
    ) -> Page[AnyRow]:
        """Newest first; a row that arrives while somebody reads on shifts nothing."""
        limit = max(1, min(limit, MAX_LIMIT))
        if cursor is not None:
            same_moment = and_(created_at == cursor.created_at, identity < cursor.identity)
            statement = statement.where(or_(created_at < cursor.created_at, same_moment))
        ordered = statement.order_by(created_at.desc(), identity.desc()).limit(limit + 1)
        found: Sequence[AnyRow] = self._all(ordered)
        items = found[:limit]
        more = len(found) > limit
        last = (
            (getattr(items[-1], created_at.key), getattr(items[-1], identity.key)) if more else None
        )
        return Page(items, Cursor(*last) if last else None)
