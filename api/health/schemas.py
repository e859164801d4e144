"""Health, as probes read it."""

from __future__ import annotations

from typing import Literal

from api.answers import Answer


class Liveness(Answer):
    status: Literal["ok"]
    """The process runs."""


class CheckResult(Answer):
    ok: bool
    """Whether this part works."""
    detail: str
    """What is wrong; empty when nothing is."""


class Readiness(Answer):
    status: Literal["ok", "unavailable"]
    """ok when every check is."""
    checks: dict[str, CheckResult]
    """database, broker, blobs."""
