"""Ids: a prefix that says what it names, and a UUIDv7 in base32, so that they sort by age."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from kd_core.errors import Problem
from kd_core.problems import shown
from stillhouse.domain.errors import Invalid

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RANDOM_BYTES = 10
BODY_CHARACTERS = 26

RandomBytes = Callable[[int], bytes]
"""As `os.urandom` and `secrets.token_bytes` are: so many bytes, please."""


class Prefix(StrEnum):
    JOB = "job"
    UPLOAD = "upl"
    DATASET = "ds"
    MODEL = "mdl"
    ARTIFACT = "art"
    EVENT = "evt"
    KEY = "key"
    WORKER = "wrk"
    SIGNING_KEY = "sgn"


def uuid7(at: datetime, random: bytes) -> UUID:
    """RFC 9562: 48 bits of milliseconds, then the version, the variant and 74 random bits."""
    milliseconds = (at - EPOCH) // timedelta(milliseconds=1)
    noise = int.from_bytes(random[:RANDOM_BYTES], "big")
    high, low = noise >> 68, noise & ((1 << 62) - 1)
    return UUID(int=(milliseconds << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low)


def make(prefix: Prefix, at: datetime, random: bytes) -> str:
    return f"{prefix}_{_encode(uuid7(at, random))}"


def mint(prefix: Prefix, at: datetime, random_bytes: RandomBytes) -> str:
    """A fresh id, with randomness from where the caller says."""
    return make(prefix, at, random_bytes(RANDOM_BYTES))


def parse(text: str, prefix: Prefix, pointer: str | None = None) -> UUID:
    """The UUID inside an id; an `Invalid` that says what is wrong with any other text."""
    body = text.removeprefix(f"{prefix}_")
    if body == text:
        raise _invalid(text, prefix, f"must start with {prefix}_", pointer)
    if len(body) != BODY_CHARACTERS:
        found = f"needs {BODY_CHARACTERS} characters after {prefix}_, not {len(body)}"
        raise _invalid(text, prefix, found, pointer)
    try:
        identity = UUID(bytes=base64.b32hexdecode(f"{body.upper()}======"))
    except (binascii.Error, ValueError):
        raise _invalid(text, prefix, "has characters other than 0-9 and a-v", pointer) from None
    if _encode(identity) != body:
        raise _invalid(text, prefix, "is not in its one lowercase spelling", pointer)
    return identity


def pattern(prefix: Prefix) -> str:
    """What an id looks like, for whoever makes up others."""
    return f"^{prefix}_[0-9a-v]{{{BODY_CHARACTERS}}}$"


def is_id(text: str, prefix: Prefix) -> bool:
    try:
        parse(text, prefix)
    except Invalid:
        return False
    return True


def _encode(identity: UUID) -> str:
    # The extended-hex alphabet: the only base32 whose texts sort as the numbers do.
    return base64.b32hexencode(identity.bytes).decode("ascii").rstrip("=").lower()


def _invalid(text: str, prefix: Prefix, reason: str, pointer: str | None) -> Invalid:
    message = f"{shown(text)} is not an id of this kind: it {reason}"
    return Invalid((Problem("invalid_id", message, f"{prefix}_... as the API gave it", pointer),))
