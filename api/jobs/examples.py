"""Examples of every operation on jobs: one job, from its submission to its verdict."""

from __future__ import annotations

from typing import Any

from api import example_ids
from api.document.example import Example, Examples
from stillhouse.domain.job_spec import parse_job_spec

TURN = ("idempotency_in_progress", "idempotency_key_reused")
HERE = f"/v1/jobs/{example_ids.JOB}"
SPEC: dict[str, Any] = {
    "name": "shelf-classifier",
    "labels": {"git_sha": "3f2c1a9", "team": "retail"},
    "teacher": {"checkpoint": example_ids.MODEL, "min_top1": 0.7},
    "student": {"architecture": "mobilenetv3_small_100"},
    "data": {"dataset": f"{example_ids.DATASET}@1", "image_size": 64},
    "loss": [{"kind": "pld", "weight": 1.0}, {"kind": "ce", "weight": 0.1}],
    "recipe": {"preset": "quick", "epochs": 30},
    "exports": [{"format": "safetensors"}, {"format": "onnx_int8"}],
    "gates": [
        {"metric": "top1", "op": ">=", "value": 0.9, "of": "onnx_int8"},
        {"metric": "top1_drop", "op": "<=", "value": 0.02},
    ],
}
PARSED = parse_job_spec(SPEC)
TOP1 = {"value": 0.914, "step": 3120, "epoch": 24}
ATTEMPT = {
    "number": 1,
    "state": "running",
    "started_at": "2026-03-02T09:00:02.480000Z",
    "finished_at": None,
    "worker": "gpu-box:4711",
    "reason": None,
}
GATES = [
    {**gate, "of": gate.get("of", "student"), "measured": measured, "passed": True, "reason": None}
    for gate, measured in zip(SPEC["gates"], (0.911, 0.012), strict=True)
]
JOB: dict[str, Any] = {
    "id": example_ids.JOB,
    "name": SPEC["name"],
    "project": "default",
    "labels": SPEC["labels"],
    "parent_id": None,
    "state": "queued",
    "phase": None,
    "progress": None,
    "queue": {"position": 1, "reason": "about_to_start"},
    "attempt": 0,
    "attempts": [],
    "priority": "normal",
    "fingerprint": PARSED.fingerprint,
    "spec": SPEC,
    "resolved": PARSED.resolved(),
    "failure": None,
    "verdict": None,
    "best": {},
    "last": {},
    "created_at": "2026-03-02T09:00:00.310000Z",
    "started_at": None,
    "finished_at": None,
    "deleted_at": None,
    "version": 1,
    "links": {
        "self": HERE,
        **{
            view: f"{HERE}/{view}"
            for view in ("events", "metrics", "logs", "artifacts", "bundle", "verdict")
        },
    },
}
RUNNING = {
    **JOB,
    "state": "running",
    "phase": "training",
    "progress": {
        "phase": "training",
        "epoch": 25,
        "epochs": 30,
        "step": 3188,
        "total_steps": 3900,
        "fraction": 0.8174,
        "eta_s": 41.5,
    },
    "queue": None,
    "attempt": 1,
    "attempts": [ATTEMPT],
    "best": {"val/top1": TOP1},
    "last": {"val/top1": TOP1},
    "started_at": "2026-03-02T09:00:04.020000Z",
    "version": 17,
}
OVER = {
    **RUNNING,
    "phase": None,
    "progress": None,
    "attempts": [{**ATTEMPT, "state": "cancelled", "finished_at": "2026-03-02T09:05:11.900000Z"}],
    "state": "cancelled",
    "finished_at": "2026-03-02T09:05:11.900000Z",
    "version": 31,
}
REASON = {"reason": "the data set has a new version"}


def _page(*items: Any) -> dict[str, Any]:
    return {"data": list(items), "next_cursor": None, "has_more": False}


def _tail(*items: Any) -> dict[str, Any]:
    return {"data": list(items), "next_after_seq": items[-1]["seq"], "has_more": False}


EXAMPLES: Examples = {
    "create_job": Example(body=SPEC, answer=JOB, refusals=("duplicate_job", *TURN)),
    "validate_job": Example(
        body=SPEC,
        answer={
            "valid": True,
            "errors": [],
            "warnings": [],
            "resolved": PARSED.resolved(),
            "estimates": {
                "seconds": {
                    "value": 1860.0,
                    "basis": "3 jobs like it: 31 s for each epoch of a student, and there are 60",
                },
                "memory_bytes": {
                    "value": 1_940_000_000.0,
                    "basis": "3 jobs like it: the most that was told of one",
                },
                "disk_bytes": {
                    "value": 761_300_000.0,
                    "basis": "115.4 MB of uploads that it names; 629.2 MB of 4180 images at "
                    "224x224; 16.7 MB of files, as 3 jobs like it made",
                },
            },
            "checked": "full",
        },
    ),
    "list_jobs": Example(
        query={"state": ["running"], "label": ["team=retail"], "limit": 20},
        answer=_page(RUNNING),
    ),
    "get_job": Example(query={"Prefer": "wait=20", "If-None-Match": 'W/"j-16"'}, answer=RUNNING),
    "update_job": Example(
        body={"name": "shelf-classifier-2", "labels": {"team": "grocery", "git_sha": None}},
        answer={
            **RUNNING,
            "name": "shelf-classifier-2",
            "labels": {"team": "grocery"},
            "version": 18,
        },
        refusals=("not_waiting",),
    ),
    "delete_job": Example(refusals=("not_over", "in_use")),
    "restore_job": Example(body={"reason": "deleted by mistake"}, answer=OVER, refusals=TURN),
    "cancel_job": Example(
        body=REASON,
        answer={**RUNNING, "state": "cancelling", "version": 18},
        refusals=("invalid_transition", *TURN),
    ),
    "pause_job": Example(
        body={"reason": "the box is needed until noon"},
        answer={**RUNNING, "state": "pausing", "version": 18},
        refusals=("invalid_transition", *TURN),
    ),
    "resume_job": Example(
        body={"reason": "the box is free", "extra_epochs": 10},
        answer={**RUNNING, "state": "queued", "phase": None, "version": 21},
        refusals=("invalid_transition", *TURN),
    ),
    "retry_job": Example(
        body={"from_start": False},
        answer={**JOB, "parent_id": example_ids.PARENT_JOB},
        refusals=("invalid_transition", *TURN),
    ),
    "clone_job": Example(
        body={"patch": {"name": "shelf-classifier-long", "recipe": {"epochs": 90}}},
        answer={**JOB, "parent_id": example_ids.PARENT_JOB, "name": "shelf-classifier-long"},
        refusals=TURN,
    ),
    "list_events": Example(
        query={"after_seq": 2, "Prefer": "wait=20"},
        answer=_tail(
            {
                "seq": 3,
                "type": "job.started",
                "at": "2026-03-02T09:00:04.020000Z",
                "attempt": 1,
                "data": {},
            },
            {
                "seq": 4,
                "type": "job.phase_changed",
                "at": "2026-03-02T09:00:04.400000Z",
                "attempt": 1,
                "data": {"phase": "preparing_data"},
            },
        ),
        refusals=("too_many_streams",),
    ),
    "get_metrics": Example(
        query={"names": "val/top1,train/loss", "max_points": 300},
        answer={
            "series": [
                {
                    "name": "val/top1",
                    "steps": [130, 260, 390],
                    "epochs": [1, 2, 3],
                    "values": [0.412, 0.633, 0.701],
                    "nonfinite": [None, None, None],
                    "sampled": False,
                }
            ]
        },
    ),
    "get_verdict": Example(
        query={"Prefer": "wait=20"}, answer={"verdict": "passed", "gates": GATES}
    ),
    "list_logs": Example(
        query={"level": "warning"},
        answer=_tail(
            {
                "seq": 12,
                "at": "2026-03-02T09:00:05.250000Z",
                "attempt": 1,
                "stream": "stderr",
                "level": "warning",
                "text": "2 of 4,180 images could not be read and are left out",
            }
        ),
    ),
}
