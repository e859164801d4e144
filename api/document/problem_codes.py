"""Every code that a refusal may have: what it means, the way out, and one as it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api import example_ids as ids
from api.problems import problem_document
from kd_core.errors import Problem

DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


@dataclass(frozen=True, kw_only=True)
class ProblemCode:
    status: int
    meaning: str
    way_out: str
    detail: str
    hint: str = ""
    problems: tuple[Problem, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    usual: bool = False
    """What its status means where nothing more is said."""

    def example(self, code: str) -> dict[str, Any]:
        return problem_document(
            self.status,
            code,
            self.detail,
            instance=ids.REQUEST,
            hint=self.hint,
            problems=self.problems,
            facts=self.facts,
        )


PROBLEM_CODES: Mapping[str, ProblemCode] = {
    "bad_request": ProblemCode(
        status=400,
        meaning="The request is no HTTP that the server understands.",
        way_out="Look at what your client, or a proxy before the service, makes of the request.",
        detail="There was an error parsing the body",
    ),
    "malformed_request": ProblemCode(
        status=400,
        meaning="A header cannot be read.",
        way_out="Mend the header that `detail` quotes.",
        detail="Content-Digest is 'sha-256=none'",
        hint="write sha-256=:<base64 of the 32 bytes>:, or leave it out",
    ),
    "invalid_json": ProblemCode(
        status=400,
        usual=True,
        meaning="The body is no JSON in UTF-8: a comma too many, NaN, or a key that stands twice.",
        way_out="Send one JSON object; `detail` has the place.",
        detail="the body is not JSON: Expecting ',' delimiter: line 3 column 5 (char 41)",
        hint="send one JSON object",
    ),
    "digest_mismatch": ProblemCode(
        status=400,
        meaning="The bytes that arrived are not those that were announced.",
        way_out="Send the part again; when it stays, the file has changed: make a new upload.",
        detail=f"got 1048576 bytes with SHA-256 {DIGEST}",
        hint="send them again",
    ),
    "unauthenticated": ProblemCode(
        status=401,
        usual=True,
        meaning="There is no API key, or it is not known here, or it has expired.",
        way_out="Send `Authorization: Bearer sh_live_...`; `still login` keeps a key for you.",
        detail="this request has no API key",
        hint="send the header Authorization: Bearer sh_live_...",
    ),
    "sign_in_refused": ProblemCode(
        status=401,
        meaning="The code is not known here, or was used, or its time is over, or its key ended.",
        way_out="Ask for another code: `still open`, or `POST /v1/sign-in-codes`.",
        detail="this code is not known here, or was used, or its time is over",
        hint="`still open` makes another one; or sign in with an API key",
    ),
    "forbidden": ProblemCode(
        status=403,
        usual=True,
        meaning="The key is good and lacks the scope that `needed` names.",
        way_out="Use a key that has the scope, or ask whoever made yours.",
        detail="this API key lacks the scope jobs:write",
        hint="use a key that has it",
        facts={"needed": "jobs:write"},
    ),
    "link_expired": ProblemCode(
        status=403,
        meaning="The link was good for five minutes, and they are over.",
        way_out="Ask whoever gave it to you for a new one.",
        detail="this link was good for some minutes, and they are over",
        hint="ask whoever gave it to you for a new one; `still artifacts link` makes them",
    ),
    "link_invalid": ProblemCode(
        status=403,
        meaning="No link that was made here, or not all of it.",
        way_out="Copy it whole, up to its last character.",
        detail="this is no link that was made here, or not all of it",
        hint="copy it whole, up to its last character; or ask for a new one",
    ),
    "not_found": ProblemCode(
        status=404,
        usual=True,
        meaning="There is no such thing, or it is another project's: the two look alike.",
        way_out="Check the id, and that the key is of its project.",
        detail=f"there is no job {ids.PARENT_JOB}",
        hint="check the id, and that the key is of its project",
    ),
    "method_not_allowed": ProblemCode(
        status=405,
        meaning="The path is there, and does not take this method.",
        way_out="Use a method that `Allow` lists.",
        detail="PUT is not possible here",
        hint="possible: GET, POST",
    ),
    "invalid_transition": ProblemCode(
        status=409,
        meaning="The job cannot go there from the state it is in.",
        way_out="`allowed` says where it can go from `current`; a final job is retried or cloned.",
        detail="a job that is succeeded cannot become cancelling",
        hint="succeeded is final; retry or clone it",
        facts={"current": "succeeded", "wanted": "cancelling", "allowed": []},
    ),
    "duplicate_job": ProblemCode(
        status=409,
        meaning="There is a job of the same science, and the specification says `reject`.",
        way_out="Use the job that `job_id` names, or send `if_duplicate: run`.",
        detail=f"the job {ids.PARENT_JOB} is of the same science and gates, and it is succeeded",
        hint="use that one, or send if_duplicate: run",
        facts={"job_id": ids.PARENT_JOB},
    ),
    "not_over": ProblemCode(
        status=409,
        meaning="Only a job that is over goes to the trash.",
        way_out="Cancel it first, and delete it once it is cancelled.",
        detail="the job is running, and only what is over can be deleted",
        hint="cancel it first, and delete it once it is cancelled",
        facts={"current": "running"},
    ),
    "not_waiting": ProblemCode(
        status=409,
        meaning="A priority counts only while a job waits, and this one does not.",
        way_out="Leave `priority` out; a clone can have another.",
        detail="the job is running: its priority counts only while it waits",
        hint="leave priority out; a clone can have another",
        facts={"current": "running"},
    ),
    "key_expired": ProblemCode(
        status=409,
        meaning="The key has expired, and a new secret would not change that.",
        way_out="Make a new key.",
        detail=f"the key {ids.KEY} has expired, and would stay so",
        hint="make a new key",
    ),
    "in_use": ProblemCode(
        status=409,
        meaning="A job that is not over needs it.",
        way_out="Cancel the jobs that `jobs` lists, or wait until they are over.",
        detail=f"the model {ids.MODEL} is used by {ids.JOB}",
        hint="cancel those jobs, or wait until they are over",
        facts={"jobs": [ids.JOB]},
    ),
    "job_not_succeeded": ProblemCode(
        status=409,
        meaning="The job has made nothing yet, or never will: `current` is its state.",
        way_out="Wait for its end (`Prefer: wait`), or look at its `failure`.",
        detail=f"the job {ids.JOB} is running: there is something to fetch once it has succeeded",
        hint=f"`still jobs show {ids.JOB}` tells how it is going, or why it ended",
        facts={"current": "running"},
    ),
    "upload_closed": ProblemCode(
        status=409,
        meaning="The upload is complete and takes no more parts.",
        way_out="Make a new upload.",
        detail=f"the upload {ids.UPLOAD} is complete and takes no more parts",
        hint="make a new upload",
    ),
    "upload_incomplete": ProblemCode(
        status=409,
        meaning="Parts are missing, or nobody has said yet that all are there.",
        way_out="Send the parts that `missing` lists, then complete the upload.",
        detail="1 of 4 parts are missing: 3",
        hint="PUT them, then complete again",
        facts={"missing": [3]},
    ),
    "idempotency_in_progress": ProblemCode(
        status=409,
        meaning="The first request with this Idempotency-Key is still running.",
        way_out="Ask again after `Retry-After`, with the same key: the answer will be its own.",
        detail="the first request with this Idempotency-Key is still running",
        hint="try again in 1 s",
    ),
    "precondition_failed": ProblemCode(
        status=412,
        usual=True,
        meaning="The job has changed since it was read: `current` is its tag now.",
        way_out="Read it again, and ask with the new tag in If-Match.",
        detail="the job has changed: it is at version 18",
        hint="read it again, and ask with its new tag",
        facts={"current": 'W/"j-18"'},
    ),
    "body_stalled": ProblemCode(
        status=408,
        usual=True,
        meaning="Nothing of the body came for a minute.",
        way_out="Send it again; an upload goes on with the parts that are missing.",
        detail="nothing came for 60 s, and the body is not complete",
        hint="send it again",
    ),
    "too_large": ProblemCode(
        status=413,
        usual=True,
        meaning="More bytes than allowed, or than announced.",
        way_out="Send less; the operator can raise what an upload may have.",
        detail="the body has more than 1000000 bytes",
        hint="send less",
        facts={"most": 1000000},
    ),
    "range_not_satisfiable": ProblemCode(
        status=416,
        usual=True,
        meaning="The range lies outside the content.",
        way_out="`Content-Range` has its size; write `bytes=<first>-<last>`, counted from 0.",
        detail="'bytes=9000000-' is no range of these 6112348 bytes",
        hint="write bytes=<first>-<last>, counted from 0",
    ),
    "invalid_request": ProblemCode(
        status=422,
        usual=True,
        meaning="The request is wrong: `errors` has one entry for each place, all at once.",
        way_out="Mend what each `pointer` points at, as its `hint` says.",
        detail="/recipe/epochs: must be an integer; got 'ten'",
        problems=(
            Problem(
                "wrong_type",
                "must be an integer; got 'ten'",
                "Passes over the training split.",
                "/recipe/epochs",
            ),
        ),
    ),
    "idempotency_key_reused": ProblemCode(
        status=422,
        meaning="The same Idempotency-Key came with another body.",
        way_out="Use a new key for a new request.",
        detail="this Idempotency-Key was used with another body",
        problems=(
            Problem(
                "idempotency_key_reused",
                "this Idempotency-Key was used with another body",
                "use a new key for a new request",
            ),
        ),
    ),
    "too_many_streams": ProblemCode(
        status=429,
        usual=True,
        meaning="The key reads as many streams of events as it may.",
        way_out="End one of them, or ask without a stream: `Prefer: wait=20`.",
        detail="this key reads 100 streams already",
        hint="end one of them, or ask without a stream: Prefer: wait=20",
    ),
    "internal_error": ProblemCode(
        status=500,
        usual=True,
        meaning="Something is broken here, and is in the log under the id of the request.",
        way_out="Tell the operator the id in `instance`.",
        detail="something went wrong here",
        hint="tell the operator the id of this request",
    ),
    "blob_missing": ProblemCode(
        status=500,
        meaning="Bytes that the books name are not in the store any more.",
        way_out="Run the job, or upload the file, again; the operator may have a backup.",
        detail="these bytes are not in the store any more",
        hint="run the job, or upload the file, again; or ask the operator to restore it from a "
        "backup",
        facts={"sha256": DIGEST},
    ),
    "blob_corrupted": ProblemCode(
        status=500,
        meaning="The stored bytes are damaged: they were put in quarantine and are not served.",
        way_out="As for `blob_missing`.",
        detail="the stored bytes are damaged: they were put in quarantine and are not served",
        hint="run the job, or upload the file, again; or ask the operator to restore it from a "
        "backup",
        facts={"sha256": DIGEST},
    ),
    "unavailable": ProblemCode(
        status=503,
        usual=True,
        meaning="The database or the disk did not answer; nothing was changed.",
        way_out="Ask again after `Retry-After`.",
        detail="the database is busy",
        hint="try again",
    ),
    "insufficient_storage": ProblemCode(
        status=507,
        usual=True,
        meaning="The disk has no room for what was announced.",
        way_out="Ask the operator for room, and send it again.",
        detail="there is no room for 21474836480 bytes",
        hint="ask the operator for room, and send it again",
    ),
}
USUAL: Mapping[int, str] = {code.status: name for name, code in PROBLEM_CODES.items() if code.usual}
"""The code of a status where an operation names no other."""
