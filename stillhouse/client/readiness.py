"""Whether a service is ready, asked once and without a key."""

from __future__ import annotations

from dataclasses import dataclass

import httpx2

from stillhouse.client.login import is_loopback

PATIENCE_S = 5


@dataclass(frozen=True)
class Readiness:
    ready: bool
    reason: str = ""


def readiness(url: str) -> Readiness:
    try:
        # trust_env: a proxy that is set for the world has no way back to this machine.
        answer = httpx2.get(f"{url}/readyz", timeout=PATIENCE_S, trust_env=not is_loopback(url))
    except httpx2.TransportError as error:
        return Readiness(ready=False, reason=str(error) or type(error).__name__)
    if answer.is_success:
        return Readiness(ready=True)
    return Readiness(ready=False, reason=f"/readyz answers {answer.status_code}: {answer.text}")
