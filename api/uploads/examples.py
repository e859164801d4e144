"""Examples of every operation on uploads: a data set of images, in two parts."""

from __future__ import annotations

from api import example_ids
from api.document.example import Example, Examples
from api.jobs.examples import TURN
from stillhouse.domain import uploads

FILE = {
    "kind": "dataset",
    "filename": "shelf.zip",
    "bytes": 20_971_520,
    "sha256": "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
}
PART = {
    "number": 1,
    "bytes": uploads.DEFAULT_PART_BYTES,
    "sha256": "d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35",
}
SHOWN = {
    "id": example_ids.UPLOAD,
    "project": "default",
    **FILE,
    "part_size": uploads.DEFAULT_PART_BYTES,
    "parts_expected": 2,
    "parts_received": 0,
    "bytes_received": 0,
    "state": "open",
    "created_at": "2026-03-02T08:40:00.105000Z",
    "expires_at": "2026-03-03T08:40:00.105000Z",
}
OPEN = {**SHOWN, "parts": []}
HALF = {"parts_received": 1, "bytes_received": uploads.DEFAULT_PART_BYTES}
ALL = {"parts_received": 2, "bytes_received": FILE["bytes"]}
EXAMPLES: Examples = {
    "create_upload": Example(body=FILE, answer=OPEN, refusals=TURN),
    "list_uploads": Example(
        query={"limit": 20, "state": "open"},
        answer={"data": [{**SHOWN, **HALF}], "next_cursor": None, "has_more": False},
    ),
    "get_upload": Example(answer={**OPEN, **HALF, "parts": [PART]}),
    "put_upload_part": Example(
        query={"content-digest": "sha-256=:1HNeOiZeFu7gP1lxi5tdAwGcB9i2xR+Q2jpmbuwTqzU=:"},
        answer=PART,
        refusals=("malformed_request", "digest_mismatch", "upload_closed"),
    ),
    "complete_upload": Example(
        answer={**OPEN, **ALL, "state": "complete"},
        refusals=("digest_mismatch", "upload_closed", "upload_incomplete"),
    ),
    "delete_upload": Example(),
}
