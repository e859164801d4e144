"""The example of capabilities: a service that takes no files of its own disk."""

from __future__ import annotations

from api.document.example import Example, Examples
from api.jobs.stream import STREAMS_OF_A_KEY

EXAMPLES: Examples = {
    "get_capabilities": Example(
        answer={
            "version": "0.1.0",
            "oldest_client": "0.1.0",
            "formats": ["safetensors", "onnx", "onnx_int8", "torch_export"],
            "losses": ["ce", "dist", "dkd", "gdkd", "kd", "pld", "rkkd"],
            "limits": {
                "upload_bytes": 21_474_836_480,
                "part_bytes": 67_108_864,
                "parts": 10_000,
                "document_bytes": 1_000_000,
                "labels": 16,
                "page_items": 200,
                "wait_s": 60,
                "streams": STREAMS_OF_A_KEY,
            },
            "features": {"torch_checkpoints": True, "file_sources": False, "trash_s": 604_800.0},
        }
    ),
}
