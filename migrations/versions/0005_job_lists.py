"""Lists of jobs by state, project, name, priority and parent, however many jobs there are."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0002"
branch_labels = None
depends_on = None

LISTS = (
    ("tenant_id", "state", "created_at", "id"),
    ("tenant_id", "project", "created_at", "id"),
    ("tenant_id", "name", "id"),
    ("tenant_id", "priority_rank", "id"),
    ("parent_id",),
)


def upgrade() -> None:
    for columns in LISTS:
        op.create_index(_name(columns), "job", list(columns), unique=False)


def downgrade() -> None:
    for columns in LISTS:
        op.drop_index(_name(columns), "job")


def _name(columns: tuple[str, ...]) -> str:
    return f"ix_job_{'_'.join(columns)}"
