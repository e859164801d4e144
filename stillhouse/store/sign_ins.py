"""Signing in: a key asks for a code, and whoever brings the code first gets a key for a day."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from stillhouse.domain.errors import SignInRefused
from stillhouse.domain.keys import Scope
from stillhouse.domain.realm import Realm
from stillhouse.domain.sign_in import (
    CODE_BYTES,
    SIGNED_IN_LIFETIME,
    SIGNED_IN_NAME,
    code_hash,
    code_of,
)
from stillhouse.store.clock import now
from stillhouse.store.keys import Keys
from stillhouse.store.repository import Repository
from stillhouse.store.tables import ApiKeyRow, SignInCodeRow


class SignIns(Repository):
    def new_code(self, whose: Realm, key_id: str, lifetime: timedelta) -> tuple[str, datetime]:
        """A code, kept as a hash, and until when it is good."""
        self._count(delete(SignInCodeRow).where(SignInCodeRow.expires_at <= now()))
        key = Keys(self._session, self._random_bytes).get(whose.tenant_id, key_id)
        code, expires_at = code_of(self._random_bytes(CODE_BYTES)), self._now() + lifetime
        row = SignInCodeRow(
            code_hash=code_hash(code),
            tenant_id=key.tenant_id,
            key_id=key.id,
            secret_hash=key.secret_hash,
            expires_at=expires_at,
        )
        self._add(row)
        return code, expires_at

    def exchange(self, code: str) -> tuple[str, datetime]:
        """The token of a key that may do what the one may that asked for the code, and its end. A
        code that is wrong, used, old, or of a key that is not what it was, is refused in one way.
        """
        # Whoever deletes it has it: of two at once the second finds nothing.
        spent = delete(SignInCodeRow).where(SignInCodeRow.code_hash == code_hash(code))
        found = self._one(spent.returning(SignInCodeRow))
        key_id = "" if found is None else found.key_id
        # Held until the new key is there: who revokes this one then finds both.
        key = self._one(select(ApiKeyRow).where(ApiKeyRow.id == key_id).with_for_update())
        at = self._now()
        if found is None or key is None or not _is_good(found, key, at):
            raise SignInRefused
        self._forget_those_that_are_over(key.tenant_id)
        tomorrow = at + SIGNED_IN_LIFETIME
        expires_at = min(tomorrow, key.expires_at or tomorrow)
        _, token = Keys(self._session, self._random_bytes).create(
            Realm(key.tenant_id, key.project),
            SIGNED_IN_NAME,
            map(Scope, key.scopes),
            expires_at,
            parent_id=key.parent_id or key.id,
        )
        return token, expires_at

    def _forget_those_that_are_over(self, tenant_id: str) -> None:
        """One for each day that somebody looks: they would be most of the list of keys."""
        over = delete(ApiKeyRow).where(
            ApiKeyRow.tenant_id == tenant_id,
            ApiKeyRow.parent_id.is_not(None),
            ApiKeyRow.expires_at <= now(),
        )
        self._count(over)


def _is_good(code: SignInCodeRow, key: ApiKeyRow, at: datetime) -> bool:
    lives = key.revoked_at is None and (key.expires_at is None or key.expires_at > at)
    return lives and code.expires_at > at and hmac.compare_digest(code.secret_hash, key.secret_hash)
