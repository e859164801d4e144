"""Recorded answers of teachers, which jobs of a tenant share."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recording",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=64), nullable=False),
        sa.Column("job_id", sa.String(length=40), nullable=False),
        sa.Column("blob_sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_recording_tenant_id_tenant"),
        sa.ForeignKeyConstraint(
            ["blob_sha256"], ["blob.sha256"], name="fk_recording_blob_sha256_blob"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "key", name="pk_recording"),
    )
    op.create_index("ix_recording_blob_sha256", "recording", ["blob_sha256"])
    op.create_index(
        "ix_recording_tenant_id_hint_last_used_at",
        "recording",
        ["tenant_id", "hint", "last_used_at"],
    )
    op.create_index(
        "ix_recording_tenant_id_last_used_at", "recording", ["tenant_id", "last_used_at"]
    )


def downgrade() -> None:
    op.drop_table("recording")
