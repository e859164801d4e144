"""Examples of every operation on artifacts: the student that a job has shipped."""

from __future__ import annotations

from api import example_ids
from api.document.example import Example, Examples

ARTIFACT = {
    "id": example_ids.ARTIFACT,
    "job_id": example_ids.JOB,
    "name": "safetensors/model.safetensors",
    "format": "safetensors",
    "path": "artifacts/safetensors/model.safetensors",
    "bytes": 6112348,
    "sha256": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
    "media_type": "application/octet-stream",
    "created_at": "2026-03-02T09:05:10.120000Z",
    "links": {"content": f"/v1/artifacts/{example_ids.ARTIFACT}/content"},
}
MEASURED = {"batch": 1, "throughput_batch": 64, "threads": 4, "repeats": 50, "samples": 600}
STUDENT = {
    "top1": 0.914,
    "macro_f1": 0.911,
    "agreement_teacher": 0.937,
    "parameters": 1_529_968,
    "macs": 4_893_312,
    "size_mb": 6.112,
    "latency_ms_p50": 2.9,
    "latency_ms_p95": 3.3,
    "images_per_s": 1210.5,
    "measured": MEASURED,
}
REPORT = {
    "schema": 1,
    "name": "shelf-classifier",
    "fingerprint": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "teacher": {**STUDENT, "top1": 0.926, "parameters": 11_176_512, "size_mb": 44.7},
    "baseline": None,
    "kd_gain": None,
    "student": STUDENT,
    "device": "cuda",
    "artifacts": [
        {
            "name": "safetensors",
            "format": "safetensors",
            "status": "ready",
            "top1": 0.914,
            "size_mb": 6.112,
            "files": [
                {"path": "safetensors/model.safetensors", "sha256": "0" * 64, "bytes": 6112348}
            ],
        }
    ],
    "gates": [
        {
            "metric": "top1_drop",
            "op": "<=",
            "value": 0.02,
            "of": "student",
            "measured": 0.012,
            "passed": True,
        }
    ],
    "verdict": "passed",
}
LOST = ("blob_missing", "blob_corrupted")
RANGE = {"Range": "bytes=0-1048575"}
EXAMPLES: Examples = {
    "list_artifacts": Example(answer={"data": [ARTIFACT]}),
    "get_artifact": Example(answer=ARTIFACT),
    "get_job_report": Example(answer=REPORT, refusals=("job_not_succeeded", *LOST)),
    "get_job_bundle": Example(query=RANGE, refusals=("job_not_succeeded", *LOST)),
    "get_artifact_content": Example(query=RANGE, refusals=LOST),
    "link_artifact": Example(
        answer={
            "url": f"/v1/links/{example_ids.LINK}",
            "expires_at": "2026-03-02T09:15:00Z",
        }
    ),
    "get_linked_content": Example(refusals=("link_expired", "link_invalid", *LOST)),
}
