"""API keys: their spelling, their scopes, and who a request turns out to be from."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

from stillhouse.domain.ids import BODY_CHARACTERS, Prefix
from stillhouse.domain.realm import Realm

TOKEN_PREFIX = "sh_live_"  # noqa: S105 - the public part of a key, for secret scanners
SECRET_BYTES = 32
_TOKEN = re.compile(rf"{TOKEN_PREFIX}([0-9a-v]{{{BODY_CHARACTERS}}})_([0-9a-f]{{64}})")


class Scope(StrEnum):
    JOBS_READ = "jobs:read"
    JOBS_WRITE = "jobs:write"
    DATA_WRITE = "data:write"
    ARTIFACTS_READ = "artifacts:read"
    ADMIN = "admin"


USER_SCOPES = (Scope.JOBS_READ, Scope.JOBS_WRITE, Scope.DATA_WRITE, Scope.ARTIFACTS_READ)
"""What somebody who uses the service needs, and nothing that runs it."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking: a key, bound to one tenant, or to one project of it."""

    key_id: str
    realm: Realm
    """What it sees and makes; everything else is not there for it."""
    scopes: frozenset[Scope]
    touch_due: bool
    """`last_used_at` is old enough to be worth a write."""

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes or Scope.ADMIN in self.scopes


def token(key_id: str, secret: bytes) -> str:
    """What the user keeps; shown once, never stored."""
    return f"{TOKEN_PREFIX}{key_id.removeprefix(f'{Prefix.KEY}_')}_{secret.hex()}"


def read_token(text: str) -> tuple[str, bytes] | None:
    """The key's id and its secret; nothing when this cannot be a key of ours."""
    match = _TOKEN.fullmatch(text)
    return (f"{Prefix.KEY}_{match[1]}", bytes.fromhex(match[2])) if match else None


def secret_hash(secret: bytes) -> str:
    """SHA-256 is enough for 256 random bits: there is nothing to guess."""
    return hashlib.sha256(secret).hexdigest()
