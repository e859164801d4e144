"""Examples of every operation on keys: one for a pipeline that may look after a single project."""

from __future__ import annotations

from api import example_ids
from api.document.example import Example, Examples

ASKED = {
    "name": "nightly pipeline",
    "scopes": ["jobs:read", "jobs:write", "artifacts:read"],
    "project": "shelves",
    "expires_at": "2027-01-31T00:00:00Z",
}
KEY = {
    "id": example_ids.KEY,
    **ASKED,
    "scopes": ["artifacts:read", "jobs:read", "jobs:write"],
    "created_at": "2026-03-02T08:30:00.311000Z",
    "last_used_at": "2026-03-02T09:14:00.020000Z",
    "previous_valid_until": None,
    "parent_id": None,
}
TOKEN = f"sh_live_{example_ids.KEY.removeprefix('key_')}_{'5eaf00d1' * 8}"
EXAMPLES: Examples = {
    "create_key": Example(body=ASKED, answer={**KEY, "last_used_at": None, "token": TOKEN}),
    "list_keys": Example(
        query={"limit": 20}, answer={"data": [KEY], "next_cursor": None, "has_more": False}
    ),
    "get_key": Example(answer=KEY),
    "rotate_key": Example(
        body={"overlap_s": 3600},
        answer={**KEY, "previous_valid_until": "2026-03-02T10:20:00Z", "token": TOKEN},
        refusals=("key_expired",),
    ),
    "delete_key": Example(),
    "create_sign_in_code": Example(
        answer={"code": example_ids.SIGN_IN_CODE, "expires_at": "2026-03-02T09:15:10.250000Z"}
    ),
    "sign_in": Example(
        body={"code": example_ids.SIGN_IN_CODE},
        answer={"key": TOKEN, "expires_at": "2026-03-03T09:14:12.020000Z"},
        refusals=("sign_in_refused",),
    ),
    "get_me": Example(answer={"tenant": "default", "key": KEY}),
}
