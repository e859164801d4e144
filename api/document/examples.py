"""Puts an example beside every body, every answer and every refusal of the document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from api.artifacts import examples as artifacts
from api.capabilities import examples as capabilities
from api.catalog import examples as catalog
from api.datasets import examples as datasets
from api.document.example import Example, Examples
from api.document.problem_codes import PROBLEM_CODES, USUAL
from api.health import examples as health
from api.jobs import examples as jobs
from api.keys import examples as keys
from api.models import examples as models
from api.problems import MEDIA_TYPE as PROBLEM
from api.system import examples as system
from api.uploads import examples as uploads

JSON = "application/json"
MULTIPLE = 300
ROOMS = (jobs, artifacts, uploads, models, datasets, keys, catalog, capabilities, system, health)
EXAMPLES: Examples = {
    operation: example for room in ROOMS for operation, example in room.EXAMPLES.items()
}
"""By operation: a new room joins the list above, a new operation the `examples.py` of its room."""


def add_examples(document: dict[str, Any]) -> None:
    document["components"]["examples"] = {
        code: {"summary": told.meaning, "value": told.example(code)}
        for code, told in PROBLEM_CODES.items()
    }
    for operation in operations(document):
        _add(operation, EXAMPLES.get(operation["operationId"], Example()))


def operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in document["paths"].values():
        yield from methods.values()


def success(operation: Mapping[str, Any]) -> dict[str, Any]:
    """The answer when all goes well: in OpenAPI the first that is named."""
    status = next(status for status in operation["responses"] if _is_success(status))
    found: dict[str, Any] = operation["responses"][status]
    return found


def _add(operation: dict[str, Any], example: Example) -> None:
    if example.body is not None:
        operation["requestBody"]["content"][JSON]["example"] = example.body
    if example.answer is not None:
        for status, response in operation["responses"].items():
            if _is_success(status) and JSON in response.get("content", {}):
                response["content"][JSON]["example"] = example.answer
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in example.query:
            parameter["example"] = example.query[parameter["name"]]
    _add_refusals(operation, example.refusals)


def _add_refusals(operation: Mapping[str, Any], further: tuple[str, ...]) -> None:
    reads_json = JSON in operation.get("requestBody", {}).get("content", {})
    usual = {**USUAL} if reads_json else {**USUAL, 400: None}
    for status, response in operation["responses"].items():
        content = response.get("content", {}).get(PROBLEM)
        if content is None:
            continue
        codes = _codes(status, usual, further)
        content_of_its_own = dict(content)  # all operations share what `problems()` made
        content_of_its_own["examples"] = {
            code: {"$ref": f"#/components/examples/{code}"} for code in codes
        }
        response["content"] = {PROBLEM: content_of_its_own}


def _codes(status: str, usual: Mapping[int, str | None], further: tuple[str, ...]) -> list[str]:
    """The usual one of the status, and those that the operation names beside it."""
    if status == "default":
        return ["unavailable", "internal_error"]
    first = usual.get(int(status))
    return [
        *([first] if first else []),
        *(code for code in further if str(PROBLEM_CODES[code].status) == status),
    ]


def _is_success(status: str) -> bool:
    return status.isdigit() and int(status) < MULTIPLE
