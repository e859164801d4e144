"""Projects own uploads, models, data sets and recordings; keys may be bound to one, and rotate.

What is there already goes to the project `default`, where jobs that name no project have always
been: so everything has exactly one project, and no key sees less than before. Processes of the
release before know nothing of projects, and would show a key more than its own: stop them first.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

LIBRARY = ("upload", "model", "dataset")
LISTED = ("tenant_id", "project", "created_at", "id")
JOB_LISTS = (
    ("tenant_id", "project", "state", "created_at", "id"),
    ("tenant_id", "project", "name", "id"),
    ("tenant_id", "project", "priority_rank", "id"),
    ("tenant_id", "project", "fingerprint"),
)
HINTED, HINTED_BEFORE = (
    ("tenant_id", "project", "hint", "last_used_at"),
    ("tenant_id", "hint", "last_used_at"),
)


def upgrade() -> None:
    for table in (*LIBRARY, "recording"):
        op.add_column(table, _project())
    for table in LIBRARY:
        op.create_index(_name(table, LISTED), table, list(LISTED))
    for columns in JOB_LISTS:
        op.create_index(_name("job", columns), "job", list(columns))
    op.drop_index(_name("recording", HINTED_BEFORE), "recording")
    _told_apart_by("tenant_id", "project", "key")
    op.create_index(_name("recording", HINTED), "recording", list(HINTED))
    for column in _of_keys():
        op.add_column("api_key", column)


def downgrade() -> None:
    # Without its project a key would see the whole tenant.
    op.execute(
        "UPDATE api_key SET revoked_at = CURRENT_TIMESTAMP "
        "WHERE project IS NOT NULL AND revoked_at IS NULL"
    )
    for column in _of_keys():
        op.drop_column("api_key", column.name)
    # A tenant had one of each key; which project's it keeps does not matter, all have its bytes.
    op.execute("DELETE FROM recording WHERE project <> 'default'")
    op.drop_index(_name("recording", HINTED), "recording")
    _told_apart_by("tenant_id", "key")
    op.create_index(_name("recording", HINTED_BEFORE), "recording", list(HINTED_BEFORE))
    for columns in JOB_LISTS:
        op.drop_index(_name("job", columns), "job")
    for table in LIBRARY:
        op.drop_index(_name(table, LISTED), table)
    for table in (*LIBRARY, "recording"):
        op.drop_column(table, "project")


def _project() -> sa.Column[str]:
    return sa.Column("project", sa.String(length=64), nullable=False, server_default="default")


def _of_keys() -> tuple[sa.Column[str], ...]:
    return (
        sa.Column("project", sa.String(length=64), nullable=True),
        sa.Column("previous_hash", sa.String(length=64), nullable=True),
        sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True),
    )


def _told_apart_by(*columns: str) -> None:
    """SQLite makes the table anew."""
    with op.batch_alter_table("recording") as recording:
        recording.drop_constraint("pk_recording", type_="primary")
        recording.create_primary_key("pk_recording", list(columns))


def _name(table: str, columns: tuple[str, ...]) -> str:
    return f"ix_{table}_{'_'.join(columns)}"
