"""Links: addresses of one file that are good for some minutes for whoever has them.

What is granted stands in the link itself, under an HMAC-SHA256: nothing is stored when one is made.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LIFETIME = timedelta(minutes=5)
SECRET_BYTES = 32
PURPOSE = b"stillhouse link 1\n"
"""Signed along: nothing else that these keys may ever sign can be taken for a link."""
LONGEST = 1000
_TOKEN = re.compile(r"([A-Za-z0-9_-]+)\.([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Grant:
    tenant_id: str
    artifact_id: str
    expires_at: datetime
    """In whole seconds."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a link says of itself, before anybody has looked at its signature."""

    key_id: str
    grant: Grant
    text: str
    signature: str

    def is_signed_with(self, secret: bytes) -> bool:
        return hmac.compare_digest(self.signature, _signature(self.text, secret))


def signed(grant: Grant, key_id: str, secret: bytes) -> str:
    fields = [key_id, grant.tenant_id, grant.artifact_id, int(grant.expires_at.timestamp())]
    text = base64.urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")
    return f"{text}.{_signature(text, secret)}"


def read(token: str) -> Claimed | None:
    """Nothing where this cannot be a link of ours."""
    match = _TOKEN.fullmatch(token) if len(token) <= LONGEST else None
    if match is None:
        return None
    text, signature = match.groups()
    try:
        fields = json.loads(base64.urlsafe_b64decode(f"{text}{'=' * (-len(text) % 4)}"))
        key_id, tenant_id, artifact_id, seconds = fields
        grant = Grant(str(tenant_id), str(artifact_id), datetime.fromtimestamp(seconds, UTC))
    except (ValueError, TypeError, OverflowError, OSError, RecursionError):
        return None
    return Claimed(str(key_id), grant, text, signature)


def _signature(text: str, secret: bytes) -> str:
    return hmac.new(secret, PURPOSE + text.encode(), hashlib.sha256).hexdigest()
