"""API keys: made, given new secrets, revoked; and the one that is asking."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from stillhouse.client.answers import Key, KeyWithToken, Me, Page, SignInCode
from stillhouse.client.library import every
from stillhouse.client.wire import Wire, place


class Keys:
    """What makes a secret is not asked again when its answer is lost: there would be two."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def create(
        self,
        name: str,
        scopes: Collection[str] = (),
        *,
        project: str | None = None,
        expires_at: datetime | None = None,
    ) -> KeyWithToken:
        """Without scopes it may do all that a user does, and make no keys."""
        body: dict[str, Any] = {"name": name}
        if scopes:
            body["scopes"] = list(scopes)
        if project is not None:
            body["project"] = project
        if expires_at is not None:
            body["expires_at"] = expires_at.isoformat()
        return self._wire.read(KeyWithToken, "POST", "/v1/keys", body=body)

    def list(self) -> Iterator[Key]:
        return every(self._wire, Page[Key], "/v1/keys")

    def get(self, key_id: str) -> Key:
        return self._wire.read(Key, "GET", place("keys", key_id))

    def rotate(self, key_id: str, *, overlap_s: int | None = None) -> KeyWithToken:
        """A new secret; the one before is good for `overlap_s` more, or for the service's usual."""
        body = {} if overlap_s is None else {"overlap_s": overlap_s}
        return self._wire.read(KeyWithToken, "POST", place("keys", key_id, "rotate"), body=body)

    def revoke(self, key_id: str) -> None:
        self._wire.ask("DELETE", place("keys", key_id))

    def sign_in_code(self) -> SignInCode:
        """Signs a browser in as this key, once, within a minute."""
        return self._wire.read(SignInCode, "POST", "/v1/sign-in-codes")

    def me(self) -> Me:
        """The key of this client, and whose it is."""
        return self._wire.read(Me, "GET", "/v1/me")
