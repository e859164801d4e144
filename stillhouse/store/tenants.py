"""Tenants: who everything belongs to."""

from __future__ import annotations

from sqlalchemy import select

from stillhouse.store.clock import now
from stillhouse.store.repository import Repository
from stillhouse.store.tables import TenantRow


class Tenants(Repository):
    def ensure(self, tenant_id: str, name: str = "") -> TenantRow:
        """The tenant of this id, made when it is not there yet."""
        insert = self._insert(TenantRow).values(
            id=tenant_id, name=name or tenant_id, created_at=now()
        )
        self._is_new(insert)
        return self._session.get_one(TenantRow, tenant_id)

    def all(self) -> list[TenantRow]:
        return self._all(select(TenantRow).order_by(TenantRow.id))
