"""Examples of what probes are told."""

from __future__ import annotations

from api.document.example import Example, Examples

WELL = {"ok": True, "detail": ""}
EXAMPLES: Examples = {
    "get_liveness": Example(answer={"status": "ok"}),
    "get_readiness": Example(
        answer={
            "status": "ok",
            "checks": {"database": WELL, "broker": WELL, "blobs": WELL},
        }
    ),
}
