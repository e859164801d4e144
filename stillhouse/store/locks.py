"""Locks that run out: one process does a thing, and when it dies another takes over."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, or_, update

from stillhouse.store.clock import later, now
from stillhouse.store.repository import Repository
from stillhouse.store.tables import LockRow


class Locks(Repository):
    def acquire(self, name: str, owner: str, ttl: timedelta) -> bool:
        """True when the lock is this owner's for `ttl` from now; the holder calls it to go on."""
        until = later(ttl.total_seconds())
        free = or_(LockRow.owner == owner, LockRow.until < now())
        taken = update(LockRow).where(LockRow.name == name, free).values(owner=owner, until=until)
        if self._count(taken):
            return True
        insert = self._insert(LockRow).values(name=name, owner=owner, until=until)
        return self._is_new(insert)

    def release(self, name: str, owner: str) -> None:
        self._count(delete(LockRow).where(LockRow.name == name, LockRow.owner == owner))
