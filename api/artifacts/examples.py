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
LOST = ("blob_missing", "blob_corrupted")
RANGE = {"Range": "bytes=0-1048575"}
EXAMPLES: Examples = {
    "list_artifacts": Example(answer={"data": [ARTIFACT]}),
    "get_artifact": Example(answer=ARTIFACT),
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
