"""Examples of every operation on models: a teacher that passed its check."""

from __future__ import annotations

from typing import Any

from api import example_ids
from api.document.example import Example, Examples
from api.jobs.examples import TURN

CHECKING: dict[str, Any] = {
    "id": example_ids.MODEL,
    "project": "default",
    "name": "shelf teacher",
    "architecture": "resnet50",
    "state": "checking",
    "facts": None,
    "problems": [],
    "bytes": 94_391_368,
    "sha256": "4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce",
    "created_at": "2026-03-02T08:45:00.700000Z",
}
READY = {
    **CHECKING,
    "state": "ready",
    "facts": {"architecture": "resnet50", "classes": 12, "parameters": 23_532_620},
}
EXAMPLES: Examples = {
    "create_model": Example(
        body={
            "upload": example_ids.MODEL_UPLOAD,
            "name": "shelf teacher",
            "architecture": "resnet50",
        },
        answer=CHECKING,
        refusals=("upload_incomplete", *TURN),
    ),
    "list_models": Example(
        query={"limit": 20}, answer={"data": [READY], "next_cursor": None, "has_more": False}
    ),
    "get_model": Example(answer=READY),
    "delete_model": Example(refusals=("in_use",)),
}
