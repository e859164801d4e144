"""Databases for tests: a fresh SQLite file, or an emptied PostgreSQL, both made by migration."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from stillhouse.store import create_engine, upgrade
from stillhouse.store.tables import Row


@contextmanager
def sqlite_engine(template: Path, path: Path) -> Iterator[Engine]:
    """A copy of a migrated file: the migration itself runs once in a session."""
    shutil.copy(template, path)
    engine = create_engine(f"sqlite:///{path}")
    try:
        yield engine
    finally:
        engine.dispose()


def migrated_sqlite(path: Path) -> Path:
    upgrade(f"sqlite:///{path}")
    return path


def emptied(engine: Engine) -> None:
    with engine.begin() as connection:
        for table in reversed(Row.metadata.sorted_tables):
            connection.execute(table.delete())
