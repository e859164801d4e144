"""The schemas of the document: those of bodies that FastAPI does not read, in a form that
generators of clients understand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.artifacts.report import report_schemas
from api.datasets.schemas import NewDataset, NewDatasetVersion
from api.jobs.schemas import CloneRequest, JobPatch, ResumeRequest, RetryRequest, VerbRequest
from api.keys.schemas import NewKey, Rotation
from api.keys.sign_in import SignIn
from api.models.schemas import NewModel
from api.problems import ProblemDocument
from api.uploads.schemas import NewUpload
from stillhouse.domain.job_spec import JobSpec

BODIES: tuple[type[BaseModel], ...] = (
    CloneRequest,
    JobPatch,
    JobSpec,
    NewDataset,
    NewDatasetVersion,
    NewKey,
    NewModel,
    NewUpload,
    ResumeRequest,
    RetryRequest,
    Rotation,
    SignIn,
    VerbRequest,
)
REF = "#/components/schemas/{model}"


def add_schemas(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name, schema in _further().items():
        if schemas.setdefault(name, schema) != schema:
            raise ValueError(f"two schemas are called {name}")
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    for schema in nodes(document["components"]["schemas"]):
        _tell_default_apart(schema)
    # What a recipe does not say, its preset does: a client that filled in would overrule it.
    for name, field in document["components"]["schemas"]["Recipe"]["properties"].items():
        if name != "preset" and "default" in field:
            field["x-default"] = field.pop("default")
    for node in nodes(document["paths"]):
        for parameter in node.get("parameters", ()):
            _never_null(parameter["schema"])


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in it, itself included."""
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node:
        if isinstance(inner, dict | list):
            yield from nodes(inner)


def _further() -> dict[str, Any]:
    _, read = models_json_schema([(model, "validation") for model in BODIES], ref_template=REF)
    problem = ProblemDocument.model_json_schema(ref_template=REF, mode="serialization")
    nested = problem.pop("$defs")
    return {**read["$defs"], **nested, "Problem": problem, **report_schemas(REF)}


def _never_null(schema: dict[str, Any]) -> None:
    """A parameter is there or it is not: null is what it is to our own code where it is not."""
    options = [option for option in schema.get("anyOf", ()) if option != {"type": "null"}]
    if len(options) == 1:
        del schema["anyOf"]
        schema |= options[0]


def _tell_default_apart(schema: dict[str, Any]) -> None:
    """Generators have no place for a default that is an object, and leave out its whole section."""
    default = schema.get("default")
    if isinstance(default, dict) or (isinstance(default, list) and default):
        schema["x-default"] = schema.pop("default")
