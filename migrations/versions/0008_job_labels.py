"""Labels of jobs as rows of their own, and indexes for lists of them, of the trash, and of what was
made from one job: none of them reads any other job.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BATCH = 1000
IN_TRASH = sa.text("deleted_at IS NOT NULL")
JOB = sa.table(
    "job",
    sa.column("id", sa.String),
    sa.column("tenant_id", sa.String),
    sa.column("labels", sa.JSON),
    sa.column("created_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    table = op.create_table(
        "job_label",
        sa.Column("job_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=63), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=256), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_job_label_job_id_job"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_job_label_tenant_id_tenant"),
        sa.PrimaryKeyConstraint("job_id", "key", name="pk_job_label"),
    )
    _copy(table)
    op.create_index(
        "ix_job_tenant_id_parent_id_created_at_id",
        "job",
        ["tenant_id", "parent_id", "created_at", "id"],
    )
    op.create_index(
        "ix_job_trash",
        "job",
        ["tenant_id", "created_at", "id"],
        sqlite_where=IN_TRASH,
        postgresql_where=IN_TRASH,
    )
    op.create_index(
        "ix_job_label_tenant_id_key_created_at_job_id",
        "job_label",
        ["tenant_id", "key", "created_at", "job_id"],
    )
    op.create_index(
        "ix_job_label_tenant_id_key_value_created_at_job_id",
        "job_label",
        ["tenant_id", "key", "value", "created_at", "job_id"],
    )


def downgrade() -> None:
    op.drop_table("job_label")
    op.drop_index("ix_job_trash", "job")
    op.drop_index("ix_job_tenant_id_parent_id_created_at_id", "job")


def _copy(table: sa.Table) -> None:
    connection, last = op.get_bind(), ""
    while True:
        some = sa.select(JOB).where(JOB.c.id > last).order_by(JOB.c.id).limit(BATCH)
        jobs = connection.execute(some).all()
        if not jobs:
            return
        last = jobs[-1].id
        if rows := [row for job in jobs for row in _rows(job)]:
            connection.execute(table.insert(), rows)


def _rows(job: Any) -> list[dict[str, Any]]:
    whose = {"job_id": job.id, "tenant_id": job.tenant_id, "created_at": job.created_at}
    return [{**whose, "key": key, "value": value} for key, value in job.labels.items()]
