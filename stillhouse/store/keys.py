"""API keys: made once, shown once, stored as a hash."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_, select, update

from kd_core.errors import Problem
from stillhouse.domain import keys
from stillhouse.domain.errors import Invalid, KeyExpired, NotFound, Unauthenticated
from stillhouse.domain.ids import EPOCH, Prefix
from stillhouse.domain.keys import Principal, Scope
from stillhouse.domain.pages import Cursor, Page
from stillhouse.domain.realm import Realm, Whose
from stillhouse.store.clock import later, now
from stillhouse.store.repository import Repository
from stillhouse.store.tables import ApiKeyRow

TOUCH_EVERY = timedelta(minutes=1)
# Built once, and with the time in it: every request asks this.
KEY = (*ApiKeyRow.__table__.c, now().label("asked_at"))
_KNOWN = select(*KEY).where(ApiKeyRow.id == bindparam("key"))
_NO_HASH = "0" * 64  # no secret has it: an unknown key costs the same comparison as a known one


class Keys(Repository):
    def create(
        self,
        whose: Whose,
        name: str,
        scopes: Iterable[Scope],
        expires_at: datetime | None = None,
        parent_id: str | None = None,
    ) -> tuple[ApiKeyRow, str]:
        """A key and the token that its user keeps; nobody can show the token again."""
        realm, secret = Realm.of(whose), self._random_bytes(keys.SECRET_BYTES)
        if expires_at is not None and expires_at <= self._now():
            message = "a key cannot expire before it is made"
            hint = "give a later moment, or none for a key that does not expire"
            raise Invalid((Problem("out_of_range", message, hint, "/expires_at"),))
        key = ApiKeyRow(
            id=self._mint(Prefix.KEY),
            tenant_id=realm.tenant_id,
            project=realm.project,
            name=name,
            secret_hash=keys.secret_hash(secret),
            scopes=sorted(scope.value for scope in scopes),
            created_at=now(),
            expires_at=expires_at,
            parent_id=parent_id,
        )
        self._add(key)
        return key, keys.token(key.id, secret)

    def authenticate(self, token: str) -> Principal:
        """Whose key this is. Only reads; `touch` when it says that one is due."""
        key_id, secret = read(token)
        return admitted(self._read(_KNOWN, key=key_id), secret)

    def touch(self, key_id: str) -> None:
        """Used just now; within a minute of the last time nothing is written."""
        stale = or_(
            ApiKeyRow.last_used_at.is_(None),
            ApiKeyRow.last_used_at < later(-TOUCH_EVERY.total_seconds()),
        )
        touched = update(ApiKeyRow).where(ApiKeyRow.id == key_id, stale)
        self._count(touched.values(last_used_at=now()))

    def rotate(self, whose: Whose, key_id: str, overlap: timedelta) -> tuple[ApiKeyRow, str]:
        """The same key with another secret. The one before is good until `overlap` is over; one
        before that, which may have been good still, is not any more.
        """
        if _is_over(self.get(whose, key_id), self._now()):
            hint = "make a new key"
            raise KeyExpired(f"the key {key_id} has expired, and would stay so", hint=hint)
        secret, stays = self._random_bytes(keys.SECRET_BYTES), overlap > timedelta(0)
        rotated = (
            update(ApiKeyRow)
            .where(*_live(whose, key_id))
            .values(
                secret_hash=keys.secret_hash(secret),
                previous_hash=ApiKeyRow.secret_hash if stays else None,
                previous_until=later(overlap.total_seconds()) if stays else None,
            )
        )
        found = _found(key_id, self._one(rotated.returning(ApiKeyRow)))
        if not stays:
            self._end_those_signed_in(found.id)
        return found, keys.token(found.id, secret)

    def revoke(self, whose: Whose, key_id: str) -> None:
        mine = update(ApiKeyRow).where(*_live(whose, key_id))
        if not self._count(mine.values(revoked_at=now())):
            raise NotFound("key", key_id)
        self._end_those_signed_in(key_id)

    def get(self, whose: Whose, key_id: str) -> ApiKeyRow:
        return _found(key_id, self._one(select(ApiKeyRow).where(*_live(whose, key_id))))

    def page(
        self, whose: Whose, *, limit: int = 50, cursor: Cursor | None = None
    ) -> Page[ApiKeyRow]:
        """Without those that were revoked, and those of a day that is over."""
        of_no_day = or_(ApiKeyRow.parent_id.is_(None), ApiKeyRow.expires_at > now())
        mine = select(ApiKeyRow).where(*_live(whose), of_no_day)
        return self._page(mine, ApiKeyRow.created_at, ApiKeyRow.id, limit, cursor)

    def _end_those_signed_in(self, key_id: str) -> None:
        """Whoever had the key may have signed in with it."""
        made = update(ApiKeyRow).where(
            ApiKeyRow.parent_id == key_id, ApiKeyRow.revoked_at.is_(None)
        )
        self._count(made.values(revoked_at=now()))


def read(token: str) -> tuple[str, bytes]:
    """The key that it names and its secret; those of no key when it cannot be one."""
    return keys.read_token(token) or ("", b"")


def admitted(key: Any, secret: bytes) -> Principal:
    """Who comes with this secret; `key` is the row of the key that they name, if there is one."""
    at: datetime = EPOCH if key is None else key.asked_at
    given = keys.secret_hash(secret)
    # Every one is compared, so that how long it takes tells nothing of which it was.
    matches = [hmac.compare_digest(known, given) for known in _good(key, at)]
    if key is None or not any(matches) or key.revoked_at is not None:
        raise Unauthenticated(
            "this API key is not known here", hint="Authorization: Bearer sh_live_..."
        )
    if _is_over(key, at):
        raise Unauthenticated("this API key has expired", hint="ask for a new one")
    due = key.last_used_at is None or key.last_used_at < at - TOUCH_EVERY
    realm = Realm(key.tenant_id, key.project)
    return Principal(key.id, realm, frozenset(map(Scope, key.scopes)), due)


def _live(whose: Whose, key_id: str | None = None) -> Iterator[Any]:
    """Whoever is bound to a project sees the keys that are bound to it, and none beyond."""
    realm = Realm.of(whose)
    yield ApiKeyRow.tenant_id == realm.tenant_id
    yield ApiKeyRow.revoked_at.is_(None)
    if realm.project is not None:
        yield ApiKeyRow.project == realm.project
    if key_id is not None:
        yield ApiKeyRow.id == key_id


def _found(key_id: str, key: ApiKeyRow | None) -> ApiKeyRow:
    if key is None:
        raise NotFound("key", key_id)
    return key


def _is_over(key: ApiKeyRow, at: datetime) -> bool:
    return key.expires_at is not None and key.expires_at <= at


def _good(key: ApiKeyRow | None, at: datetime) -> tuple[str, str]:
    """The hashes of its secret, and of the one before while that is good."""
    if key is None:
        return _NO_HASH, _NO_HASH
    stays = key.previous_until is not None and key.previous_until > at
    return key.secret_hash, (key.previous_hash if stays else None) or _NO_HASH
