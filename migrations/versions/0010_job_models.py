"""Teachers and students of jobs as rows of their own, and indexes for lists by verdict."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BATCH, LONGEST = 1000, 200
BY_VERDICT = (
    ("tenant_id", "verdict", "created_at", "id"),
    ("tenant_id", "project", "verdict", "created_at", "id"),
)
JOB = sa.table(
    "job",
    sa.column("id", sa.String),
    sa.column("tenant_id", sa.String),
    sa.column("resolved", sa.JSON),
    sa.column("created_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    table = op.create_table(
        "job_model",
        sa.Column("job_id", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_job_model_job_id_job"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_job_model_tenant_id_tenant"),
        sa.PrimaryKeyConstraint("job_id", "role", "name", name="pk_job_model"),
    )
    _copy(table)
    op.create_index(
        "ix_job_model_tenant_id_role_name_created_at_job_id",
        "job_model",
        ["tenant_id", "role", "name", "created_at", "job_id"],
    )
    for columns in BY_VERDICT:
        op.create_index(f"ix_job_{'_'.join(columns)}", "job", list(columns))


def downgrade() -> None:
    for columns in BY_VERDICT:
        op.drop_index(f"ix_job_{'_'.join(columns)}", "job")
    op.drop_table("job_model")


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
    named = [(role, name) for role, name in set(_named(job.resolved)) if len(name) <= LONGEST]
    return [{**whose, "role": role, "name": name} for role, name in named]


def _named(resolved: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """As jobs are noted from now on."""
    student = resolved.get("student") or {}
    if student.get("architecture"):
        yield "student", student["architecture"]
    for teacher in (resolved.get("teacher"), *(resolved.get("teachers") or ())):
        for name in ("architecture", "checkpoint"):
            if teacher and teacher.get(name):
                yield "teacher", teacher[name]
