"""Examples of what the system tells: one machine with a GPU, and a job that waits for it."""

from __future__ import annotations

from api import example_ids
from api.document.example import Example, Examples

WORKER = {
    "id": example_ids.WORKER,
    "name": "gpu-box",
    "host": "gpu-box",
    "state": "active",
    "queues": ["cpu", "gpu"],
    "slots": 1,
    "busy": 1,
    "jobs": [example_ids.JOB],
    "machine": {
        "version": "0.1.0",
        "processors": 16,
        "memory_bytes": 137_438_953_472,
        "gpus": [{"name": "NVIDIA L4", "memory_bytes": 24_152_899_584}],
    },
    "started_at": "2026-03-01T22:10:05.004000Z",
    "heartbeat_at": "2026-03-02T09:14:00Z",
}
LOAD = {
    "project": "shelves",
    "queued": 1,
    "at_work": 1,
    "oldest_queued_at": "2026-03-02T09:12:31.500000Z",
}
STORED = {"kind": "models", "count": 3, "bytes": 134_217_728}
EXAMPLES: Examples = {
    "list_workers": Example(answer={"data": [WORKER]}),
    "get_queue": Example(answer={"projects": [LOAD], "queued": 4, "at_work": 1, "slots": 1}),
    "get_storage": Example(
        answer={
            "data": [STORED],
            "retention": {
                "trash_s": 604_800.0,
                "uploads_s": 86_400.0,
                "recordings_bytes": 21_474_836_480,
            },
            "disk": {"free_bytes": 812_300_000_000, "total_bytes": 1_999_400_000_000},
        }
    ),
}
