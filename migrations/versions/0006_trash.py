"""When a job was put in the trash."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_job_deleted_at", "job", ["deleted_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_job_deleted_at", "job")
    op.drop_column("job", "deleted_at")
