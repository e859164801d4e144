"""The dashboard of a service: its address with a code that signs in, and whether it is there."""

from __future__ import annotations

import httpx2

from stillhouse.client.login import is_loopback

PATIENCE_S = 5
HOW = "in a clone `./dev setup` builds it; then start the service again"


def signed_in(url: str, code: str) -> str:
    """Behind the #: what stands there is sent to no server, and is in no log."""
    return f"{url}/#code={code}"


def is_served(url: str) -> bool:
    try:
        # trust_env: a proxy that is set for the world has no way back to this machine.
        answer = httpx2.get(
            f"{url}/",
            headers={"Accept": "text/html"},
            timeout=PATIENCE_S,
            trust_env=not is_loopback(url),
        )
    except httpx2.TransportError:
        return False
    return answer.is_success
