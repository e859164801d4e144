"""Codes that sign somebody in once, and keys that know which one they were made from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_code",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=40), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name="fk_sign_in_code_tenant_id_tenant"
        ),
        sa.PrimaryKeyConstraint("code_hash", name="pk_sign_in_code"),
    )
    op.create_index("ix_sign_in_code_expires_at", "sign_in_code", ["expires_at"])
    op.add_column("api_key", sa.Column("parent_id", sa.String(length=40), nullable=True))


def downgrade() -> None:
    op.drop_column("api_key", "parent_id")
    op.drop_table("sign_in_code")
