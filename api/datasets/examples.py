"""Examples of every operation on data sets: shelves, in two versions."""

from __future__ import annotations

from api import example_ids
from api.document.example import Example, Examples
from api.jobs.examples import TURN

CHECKING = {
    "version": 1,
    "ref": f"{example_ids.DATASET}@1",
    "state": "checking",
    "facts": None,
    "problems": [],
    "bytes": 20_971_520,
    "sha256": "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
    "created_at": "2026-03-02T08:41:12.000000Z",
}
READY = {
    **CHECKING,
    "state": "ready",
    "facts": {"classes": 12, "samples": 4180, "labelled": True, "warnings": []},
}
SECOND = {
    **CHECKING,
    "version": 2,
    "ref": f"{example_ids.DATASET}@2",
    "created_at": "2026-03-09T07:02:31.000000Z",
}
DATASET = {
    "id": example_ids.DATASET,
    "project": "default",
    "name": "shelf",
    "created_at": "2026-03-02T08:41:12.000000Z",
    "versions": [CHECKING],
}
EXAMPLES: Examples = {
    "create_dataset": Example(
        body={"upload": example_ids.UPLOAD, "name": "shelf"},
        answer=DATASET,
        refusals=("upload_incomplete", *TURN),
    ),
    "create_dataset_version": Example(
        body={"upload": example_ids.UPLOAD},
        answer={**DATASET, "versions": [SECOND, READY]},
        refusals=("upload_incomplete", *TURN),
    ),
    "list_datasets": Example(
        query={"limit": 20},
        answer={
            "data": [{**DATASET, "versions": [READY]}],
            "next_cursor": None,
            "has_more": False,
        },
    ),
    "get_dataset": Example(answer={**DATASET, "versions": [READY]}),
    "delete_dataset": Example(refusals=("in_use",)),
}
