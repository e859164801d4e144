"""What schemathesis is told in its own process: one true case of every operation, what a schema
cannot say, and a line for every answer that came.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import schemathesis
from schemathesis.core import NOT_SET
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.openapi.checks import EnsureResourceAvailability, RejectedPositiveData

SEEDS = json.loads(Path(os.environ["FUZZING_SEEDS"]).read_text())
TALLY = Path(os.environ["FUZZING_TALLY"])
OWN_KEY = f"key_{SEEDS['authorization'].removeprefix('Bearer sh_live_').partition('_')[0]}"
PART = b"announced"
FURTHER = 2
"""Examples beside it: there is one for every id that an answer has brought, which are many."""
UNKNOWN_HEADER = "in header - object with unexpected properties"
"""Which every server ignores; schemathesis knows that, except beside a header that is a number."""
PROBLEM = "application/problem+json"

SAID_BY_A_SCHEMA = {
    *("bad_request", "invalid_json", "malformed_request", "missing_key", "not_one_of"),
    *("out_of_range", "unknown_key", "unknown_parameter", "unprintable", "wrong_type"),
    *("invalid_digest", "invalid_filename", "invalid_id"),
}
"""A request that fits its schema is never refused for one of these. It is for others: what it names
is not there, or two things in it do not go together.
"""
OF_THE_BODY = {"clone": {"/reason", "/patch"}, "resume": {"/reason", "/extra_epochs"}}
UNSTORABLE = "has text that cannot be stored"
"""A NUL, which no text of a specification may have; its schema does not say so at each of them."""
BESIDE_THE_SCHEMA = {
    "missing_key /architecture": "a file of weights needs one, a graph has none",
    "missing_key /teacher": "the losses decide whether there must be one",
    "missing_key /teacher/architecture": "needed beside a recipe, or weights that do not tell",
    "out_of_range /expires_at": "a moment that is over is one too",
    "out_of_range /gates/*/value": "which values there can be depends on the metric",
    "out_of_range None": "how many parts there are was announced with the upload",
}


DELETED = set()
"""Where something was, until a request took it away."""


@schemathesis.hook
def before_add_examples(context, examples):
    """The example of the document, with ids that are there: the answer is a good one."""
    operation = context.operation
    path = SEEDS["operations"].get(operation.label, {})
    for case in examples:
        _use_real_ids(case, path)
    # One that is sure to be possible comes first: without a header that asks for more.
    first = operation.Case(headers={"Authorization": SEEDS["authorization"]})
    first._has_explicit_auth = True  # or the key would be taken for one that was made up
    if operation.definition.raw.get("requestBody"):
        first.body, first.media_type = _body(operation)
    _use_real_ids(first, path)
    examples[:] = [first, *examples[:FURTHER]]


def _body(operation):
    [(media_type, content)] = operation.definition.raw["requestBody"]["content"].items()
    return content.get("example", PART), media_type


def _use_real_ids(case, path):
    case.path_parameters = {**case.path_parameters, **path}
    if case.body is not NOT_SET and not isinstance(case.body, bytes):
        text = json.dumps(case.body)
        for example, real in SEEDS["ids"].items():
            text = text.replace(f'"{example}"', f'"{real}"')
        case.body = json.loads(text)


@schemathesis.hook
def before_call(_context, case, _kwargs):
    """How long somebody would wait is not worth waiting for. Streams, which end with their job, are
    not asked for: that takes a word in Accept.
    """
    if "prefer" in case.headers:
        case.headers["Prefer"] = "wait=0"
    # Lists of keys lead to the one in use, after whose end there would be nothing to ask with.
    if case.path_parameters.get("key_id") == OWN_KEY:
        case.path_parameters["key_id"] = f"key_{'0' * 26}"


@schemathesis.hook
def after_call(_context, case, response):
    if case.method == "DELETE" and response.status_code < 300:
        DELETED.add(_place_of(response))
    told = {"operation": case.operation.label, "status": response.status_code}
    with TALLY.open("a") as tally:
        tally.write(json.dumps(told) + "\n")


@schemathesis.hook
def filter_failure(_context, failure, case, response):
    """False for what is no failure of the service."""
    if isinstance(failure, EnsureResourceAvailability):
        # The same Idempotency-Key brings the first answer again, also when what it made is gone.
        return _place_of(response) not in DELETED
    if isinstance(failure, RejectedPositiveData):
        return not all(_is_beyond_a_schema(case, error) for error in _errors(response))
    if isinstance(failure, AcceptedNegativeData):
        return not _is_refusal(case, response) and UNKNOWN_HEADER not in failure.message
    return True


def _place_of(response):
    return urlsplit(response.request.url).path


def _is_refusal(case, response):
    """A validation has said no; or whatever is wrong, the answer is that of the first request."""
    if case.operation.label == "POST /v1/jobs/validate":
        return response.json()["valid"] is False
    return "idempotency-replayed" in response.headers


def _is_beyond_a_schema(case, error):
    pointer = re.sub("/[0-9]+", "/*", str(error.get("pointer")))
    own = OF_THE_BODY.get(case.operation.label.rpartition("/")[2])
    if own is not None and pointer not in own:
        return True  # what is wrong is the specification that comes of it
    if error.get("message") == UNSTORABLE:
        return True
    of_a_pattern = error["code"] == "invalid" and error["message"].startswith("must match")
    said = of_a_pattern or error["code"] in SAID_BY_A_SCHEMA
    return not said or f"{error['code']} {pointer}" in BESIDE_THE_SCHEMA


def _errors(response):
    problem = response.json()
    return problem["errors"] or [problem]


@schemathesis.check
def refusal_is_documented(_ctx, response, case):
    """A program that decides by codes knows all that it can meet."""
    if response.status_code < 400 or _media_type(response) != PROBLEM:
        return
    responses = case.operation.definition.raw["responses"]
    named = responses.get(str(response.status_code), {}).get("content", {}).get(PROBLEM, {})
    code = response.json()["code"]
    if named and code not in named["examples"]:
        raise UndocumentedCode(case.operation.label, code, named["examples"])


class UndocumentedCode(Failure):
    def __init__(self, operation, code, named):
        super().__init__(
            operation=operation,
            title="Undocumented code of a refusal",
            message=f"{code} is none of {', '.join(named)}: name it in the room's examples.py",
        )


def _media_type(response):
    return response.headers.get("content-type", [""])[0]
