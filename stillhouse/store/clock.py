"""Time in the database: one type, UTC everywhere, and the database's own clock in SQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Float, TypeDecorator, cast
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC; a naive one is refused, since nobody knows when it is."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"{value!r} has no time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class later(FunctionElement[datetime]):  # noqa: N801 - reads as the SQL function that it is
    """So many seconds after now, on the clock of the database."""

    inherit_cache = True
    type = UtcDateTime()

    def __init__(self, seconds: float | ColumnElement[Any]) -> None:
        super().__init__(cast(seconds, Float))


def now() -> later:
    return later(0)


@compiles(later, "postgresql")
def _postgresql(element: later, compiler: SQLCompiler, **options: Any) -> str:
    # Stable within a statement, so that an index on a deadline can be used.
    seconds = compiler.process(element.clauses, **options)
    return f"(statement_timestamp() + make_interval(secs => {seconds}))"


@compiles(later, "sqlite")
def _sqlite(element: later, compiler: SQLCompiler, **options: Any) -> str:
    # The same six digits that the driver writes, so that texts compare as times do.
    seconds = compiler.process(element.clauses, **options)
    return f"(strftime('%Y-%m-%d %H:%M:%f', 'now', ({seconds}) || ' seconds') || '000')"
