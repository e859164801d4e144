"""Links: made and recognised with secrets that all processes of a service share."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from stillhouse.domain import links
from stillhouse.domain.errors import LinkExpired, LinkInvalid
from stillhouse.domain.ids import Prefix
from stillhouse.domain.links import LIFETIME, SECRET_BYTES, Grant
from stillhouse.store.clock import later, now
from stillhouse.store.repository import Repository
from stillhouse.store.tables import SigningKeyRow

SIGNS_FOR = timedelta(days=30)
_NO_SECRET = bytes(SECRET_BYTES)  # an unknown key costs the same comparison as a known one


class Links(Repository):
    def make(self, tenant_id: str, artifact_id: str) -> tuple[str, Grant]:
        """What to append to the address of links, and until when it is good."""
        expires_at = (self._now() + LIFETIME).replace(microsecond=0)
        grant = Grant(tenant_id, artifact_id, expires_at)
        key = self._newest() or self._fresh()
        return links.signed(grant, key.id, bytes.fromhex(key.secret)), grant

    def granted(self, token: str) -> Grant:
        """What the link opens. `LinkInvalid` does not tell what is wrong, nor what there is."""
        claimed = links.read(token)
        if claimed is None:
            raise LinkInvalid
        key = self._one(select(SigningKeyRow).where(SigningKeyRow.id == claimed.key_id))
        secret = bytes.fromhex(key.secret) if key is not None else _NO_SECRET
        if not claimed.is_signed_with(secret) or key is None:
            raise LinkInvalid
        if claimed.grant.expires_at <= self._now():
            raise LinkExpired
        return claimed.grant

    def _newest(self) -> SigningKeyRow | None:
        young = select(SigningKeyRow).where(
            SigningKeyRow.created_at > later(-SIGNS_FOR.total_seconds())
        )
        newest = young.order_by(SigningKeyRow.created_at.desc(), SigningKeyRow.id).limit(1)
        found: SigningKeyRow | None = self._one(newest)
        return found

    def _fresh(self) -> SigningKeyRow:
        """Two processes may make one each: both are good."""
        gone = later(-(SIGNS_FOR + LIFETIME).total_seconds())
        self._count(delete(SigningKeyRow).where(SigningKeyRow.created_at < gone))
        key = SigningKeyRow(
            id=self._mint(Prefix.SIGNING_KEY),
            secret=self._random_bytes(SECRET_BYTES).hex(),
            created_at=now(),
        )
        self._add(key)
        return key
