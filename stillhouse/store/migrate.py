"""Bring a database to the schema of this release, from an installed wheel as from a clone.

Alembic is imported when it is used: every worker and every request handler imports this room.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from stillhouse.store.engine import READ_ONLY, create_engine, unavailable

if TYPE_CHECKING:
    from alembic.config import Config


def upgrade(url: str, revision: str = "head") -> None:
    """Run every migration that this database has not seen. Two at once: the second one waits."""
    from alembic import command

    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                # SQLite's write lock is taken by `begin` already.
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATING})")
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    finally:
        engine.dispose()


def is_current(engine: Engine) -> bool:
    """True when the database has the schema of this release: `/readyz` asks."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    reader = engine.execution_options(**{READ_ONLY: True})  # on SQLite it waits for no writer
    try:
        with reader.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        raise unavailable(error) from error
    return found == ScriptDirectory.from_config(_config()).get_current_head()


MIGRATING = 20_261_121  # any number that nobody else locks


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(resources.files("migrations")))
    return config
