"""Indexes for every filter and order of the list of jobs, and for jobs of one science."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LISTS = (
    ("tenant_id", "state", "created_at", "id"),
    ("tenant_id", "project", "created_at", "id"),
    ("tenant_id", "name", "id"),
    ("tenant_id", "priority_rank", "id"),
    ("tenant_id", "fingerprint"),
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
