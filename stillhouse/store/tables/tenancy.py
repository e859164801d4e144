"""Who owns what, who may ask, and what was already answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from stillhouse.store.tables.row import Digest, Document, Id, Listing, Row, TenantId


class TenantRow(Row):
    __tablename__ = "tenant"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]


class ApiKeyRow(Row):
    __tablename__ = "api_key"
    __table_args__ = (Index(None, "tenant_id", "created_at", "id"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    tenant_id: Mapped[TenantId]
    project: Mapped[str | None] = mapped_column(String(64))
    """The only one that it sees; null: all of its tenant."""
    name: Mapped[str] = mapped_column(String(200))
    secret_hash: Mapped[Digest]
    previous_hash: Mapped[Digest | None]
    """Of the secret before the last rotation, which is good until then."""
    previous_until: Mapped[datetime | None]
    scopes: Mapped[Listing]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    parent_id: Mapped[str | None] = mapped_column(String(40))
    """The one that it was made from, by signing in with a code; its end is the end of this one."""


class SignInCodeRow(Row):
    """Good for minutes, and gone when it is used."""

    __tablename__ = "sign_in_code"

    code_hash: Mapped[Digest] = mapped_column(primary_key=True)
    tenant_id: Mapped[TenantId]
    key_id: Mapped[Id]
    secret_hash: Mapped[Digest]
    """Of the key as it was then: one with another secret is not the one that asked."""
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SigningKeyRow(Row):
    """A secret that links are signed with while it is young; it is kept until they are over."""

    __tablename__ = "signing_key"

    id: Mapped[Id] = mapped_column(primary_key=True)
    secret: Mapped[Digest]
    created_at: Mapped[datetime]


class IdempotencyRow(Row):
    """The first answer to a request, kept so that a repetition gets the same one."""

    __tablename__ = "idempotency_key"

    key_id: Mapped[Id] = mapped_column(primary_key=True)
    method: Mapped[str] = mapped_column(String(10), primary_key=True)
    path: Mapped[str] = mapped_column(String(500), primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(255), primary_key=True)
    tenant_id: Mapped[TenantId]
    body_sha256: Mapped[Digest]
    status: Mapped[int | None]
    headers: Mapped[Document | None]
    body: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
