"""What every repository has: a session it never commits, ids, pages, and upserts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    CursorResult,
    Executable,
    Select,
    literal,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import InstrumentedAttribute

from stillhouse.domain import ids
from stillhouse.domain.ids import Prefix, RandomBytes
from stillhouse.domain.pages import MAX_LIMIT, NEWEST, Cursor, Order, Page
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

    def _read(self, statement: Select[Any], **asked: Any) -> Any:
        """One row of columns, or None: for questions that are asked so often that the way through
        the mapper would be most of their cost.
        """
        return self._session.connection().execute(statement, asked).one_or_none()

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
        column: InstrumentedAttribute[Any],
        identity: InstrumentedAttribute[str],
        limit: int,
        cursor: Cursor | None,
        order: Order = NEWEST,
    ) -> Page[AnyRow]:
        """In this order of `column`; a row that arrives while somebody reads on shifts nothing."""
        limit = max(1, min(limit, MAX_LIMIT))
        found: Sequence[Any] = self._all(ahead(statement, column, identity, limit, cursor, order))
        items = found[:limit]
        if len(found) <= limit:
            return Page(items, None)
        last = items[-1]
        return Page(items, Cursor(getattr(last, column.key), last.id, order))


def ahead(
    statement: Select[AnyRow],
    column: InstrumentedAttribute[Any],
    identity: InstrumentedAttribute[str],
    limit: int,
    cursor: Cursor | None,
    order: Order,
) -> Select[AnyRow]:
    """What follows the cursor in this order, and one row more than asked for: there is more."""
    if cursor is not None:
        place = tuple_(literal(cursor.value, column.type), literal(cursor.identity))
        here = tuple_(column, identity)
        statement = statement.where(here < place if order.descending else here > place)
    keys = (column, identity)
    ordered = statement.order_by(*(key.desc() if order.descending else key for key in keys))
    return ordered.limit(limit + 1)
