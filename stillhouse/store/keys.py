"""API keys: made once, shown once, stored as a hash."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select, update

from stillhouse.domain import keys
from stillhouse.domain.errors import NotFound, Unauthenticated
from stillhouse.domain.ids import EPOCH, Prefix
from stillhouse.domain.keys import Principal, Scope
from stillhouse.store.clock import later, now
from stillhouse.store.repository import Repository
from stillhouse.store.tables import ApiKeyRow

TOUCH_EVERY = timedelta(minutes=1)
# Built once, and with the time in it: every request asks this.
_KNOWN = select(ApiKeyRow.__table__, now().label("asked_at")).where(
    ApiKeyRow.id == bindparam("key")
)
_NO_HASH = "0" * 64  # no secret has it: an unknown key costs the same comparison as a known one


class Keys(Repository):
    def create(
        self,
        tenant_id: str,
        name: str,
        scopes: Iterable[Scope],
        expires_at: datetime | None = None,
    ) -> tuple[ApiKeyRow, str]:
        """A key and the token that its user keeps; nobody can show the token again."""
        secret = self._random_bytes(keys.SECRET_BYTES)
        key = ApiKeyRow(
            id=self._mint(Prefix.KEY),
            tenant_id=tenant_id,
            name=name,
            secret_hash=keys.secret_hash(secret),
            scopes=sorted(scope.value for scope in scopes),
            created_at=now(),
            expires_at=expires_at,
        )
        self._add(key)
        return key, keys.token(key.id, secret)

    def authenticate(self, token: str) -> Principal:
        """Whose key this is. Only reads; `touch` when it says that one is due."""
        key_id, secret = keys.read_token(token) or ("", b"")
        key = self._read(_KNOWN, key=key_id)
        at: datetime = EPOCH if key is None else key.asked_at
        known = key.secret_hash if key else _NO_HASH
        matches = hmac.compare_digest(known, keys.secret_hash(secret))
        if key is None or not matches or key.revoked_at is not None:
            raise Unauthenticated(
                "this API key is not known here", hint="Authorization: Bearer sh_live_..."
            )
        if key.expires_at is not None and key.expires_at <= at:
            raise Unauthenticated("this API key has expired", hint="ask for a new one")
        due = key.last_used_at is None or key.last_used_at < at - TOUCH_EVERY
        return Principal(key.id, key.tenant_id, frozenset(map(Scope, key.scopes)), due)

    def touch(self, key_id: str) -> None:
        """Used just now; within a minute of the last time nothing is written."""
        stale = or_(
            ApiKeyRow.last_used_at.is_(None),
            ApiKeyRow.last_used_at < later(-TOUCH_EVERY.total_seconds()),
        )
        touched = update(ApiKeyRow).where(ApiKeyRow.id == key_id, stale)
        self._count(touched.values(last_used_at=now()))

    def revoke(self, tenant_id: str, key_id: str) -> None:
        mine = update(ApiKeyRow).where(
            ApiKeyRow.tenant_id == tenant_id,
            ApiKeyRow.id == key_id,
            ApiKeyRow.revoked_at.is_(None),
        )
        if not self._count(mine.values(revoked_at=now())):
            raise NotFound("key", key_id)

    def of_tenant(self, tenant_id: str) -> list[ApiKeyRow]:
        mine = select(ApiKeyRow).where(ApiKeyRow.tenant_id == tenant_id)
        return self._all(mine.order_by(ApiKeyRow.created_at, ApiKeyRow.id))
