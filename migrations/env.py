"""Where alembic finds the tables and the connection: given by `stillhouse.store.migrate`, or by
`alembic -x url=sqlite:///path.db` when a developer writes a new migration.
"""

from typing import Any

from alembic import context
from sqlalchemy import JSON, Connection, Enum

from stillhouse.store.clock import UtcDateTime
from stillhouse.store.engine import create_engine
from stillhouse.store.tables import Row


def plain_type(kind: str, item: Any, _context: Any) -> str | bool:
    """A migration names what the database has, and so does not change when our code does."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, Enum):
        return f"sa.String(length={item.length})"
    return "sa.JSON()" if isinstance(item, JSON) else False


def run(connection: Connection) -> None:
    # All or nothing, on SQLite too: there, our engine begins transactions itself.
    context.configure(
        connection=connection,
        target_metadata=Row.metadata,
        transactional_ddl=True,
        compare_type=True,
        render_item=plain_type,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


if given := context.config.attributes.get("connection"):
    run(given)
else:
    with create_engine(context.get_x_argument(as_dictionary=True)["url"]).begin() as opened:
        run(opened)
