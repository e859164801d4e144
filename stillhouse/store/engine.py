"""One engine for both databases: the settings that make SQLite and PostgreSQL behave alike."""

from __future__ import annotations

import json
import sqlite3
import time
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, UOWTransaction, sessionmaker

from stillhouse.domain.errors import Unavailable

BUSY_TIMEOUT_S = 15
LOOK_AGAIN_S = 0.01
CONNECTIONS = 8
MORE_CONNECTIONS = 40  # as many as a server has threads: a request waits for a lock, not for these
READ_ONLY = "stillhouse_read_only"
ALONE = "stillhouse_alone"

Sessions = sessionmaker[Session]


def create_engine(url: str) -> Engine:
    """An engine for `sqlite:///path/to.db` or `postgresql://...`. Make it after a fork, not before.

    On SQLite a unit of work that may write takes the write lock when it begins: a transaction that
    read first and wants to write later could only be refused.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    if parsed.get_backend_name() == "postgresql":
        return _postgresql(parsed.set(drivername="postgresql+psycopg"))
    raise ValueError(
        f"the database {parsed.get_backend_name()!r} is not supported; use sqlite or postgresql"
    )


def _json(value: Any) -> str:
    # A bare NaN is no JSON, and PostgreSQL would be the first to say so.
    return json.dumps(value, allow_nan=False)


def _sqlite(url: sqlalchemy.URL) -> Engine:
    if url.database in {None, "", ":memory:"}:
        raise ValueError("a database in memory is lost with its connection; name a file")
    engine = sqlalchemy.create_engine(
        url,
        json_serializer=_json,
        hide_parameters=True,
        pool_size=CONNECTIONS,
        max_overflow=MORE_CONNECTIONS,
        connect_args={"timeout": BUSY_TIMEOUT_S},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not begin transactions by itself: it would begin them without the lock.
    connection.isolation_level = None
    _write_ahead(connection, time.monotonic() + BUSY_TIMEOUT_S)
    for pragma in ("synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: Any, deadline: float) -> None:
    """SQLite waits for a lock everywhere but here: two who open a new file at once would fail."""
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(LOOK_AGAIN_S)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get(ALONE, False):
        return
    read_only = options.get(READ_ONLY, False)
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if read_only else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _postgresql(url: sqlalchemy.URL) -> Engine:
    return sqlalchemy.create_engine(
        url,
        json_serializer=_json,
        hide_parameters=True,  # what users sent is theirs, and errors end in logs
        pool_size=CONNECTIONS,
        max_overflow=MORE_CONNECTIONS,
        pool_pre_ping=True,
        connect_args={
            "application_name": "stillhouse",
            "options": (
                "-c timezone=utc"
                f" -c lock_timeout={BUSY_TIMEOUT_S}s"
                " -c idle_in_transaction_session_timeout=60s"
            ),
        },
    )


def alone(engine: Engine) -> Engine:
    """For a question that is one statement: no transaction around it, for that would cost more."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="AUTOCOMMIT")
    return engine.execution_options(**{ALONE: True})


def session_factory(engine: Engine) -> Sessions:
    factory = sessionmaker(engine, expire_on_commit=False, autoflush=False)
    event.listen(factory, "before_flush", _refuse_assignment)
    return factory


def _refuse_assignment(session: Session, _flush: UOWTransaction, _instances: Any) -> None:
    """Rows are read; what changes them is a guarded statement, and never an assignment."""
    changed = [row for row in session.dirty if session.is_modified(row)]
    if changed:
        raise TypeError(f"{changed[0]!r} was assigned to; change it through its repository")


def unavailable(error: DBAPIError | PoolTimeout) -> Unavailable:
    # The driver's words name hosts and statements: they are for the log, by way of __cause__.
    words = str(error.orig) if isinstance(error, DBAPIError) else "all connections are locked"
    busy = "locked" in words or "lock timeout" in words
    reason = "is busy" if busy else "did not answer"
    return Unavailable(f"the database {reason}", hint="nothing was changed; try again")
