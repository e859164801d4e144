"""Codes that somebody signs in with once: what they look like, and how long they are good."""

from __future__ import annotations

import hashlib
from datetime import timedelta

CODE_PREFIX = "sh_code_"
CODE_BYTES = 16
ASKED_FOR_LIFETIME = timedelta(minutes=1)
"""Whoever asks for one hands it on at once."""
PRINTED_LIFETIME = timedelta(minutes=10)
"""One that stands in a terminal waits until somebody looks there."""
SIGNED_IN_LIFETIME = timedelta(hours=24)
"""Of the key that a code is exchanged for."""
SIGNED_IN_NAME = "dashboard"


def code_of(random: bytes) -> str:
    return f"{CODE_PREFIX}{random.hex()}"


def code_hash(code: str) -> str:
    """SHA-256 is enough for 128 random bits that are good for minutes. Of any text at all."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
