"""The OpenAPI document: what FastAPI knows, and the schemas of the bodies that it does not read."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.datasets.schemas import NewDataset, NewDatasetVersion
from api.jobs.schemas import CloneRequest, JobPatch, RetryRequest, VerbRequest
from api.keys.schemas import NewKey, Rotation
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
    RetryRequest,
    Rotation,
    VerbRequest,
)
REF = "#/components/schemas/{model}"


class DocumentedApi(FastAPI):
    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            document = super().openapi()
            schemas = document["components"]["schemas"]
            for name, schema in _further_schemas().items():
                if schemas.setdefault(name, schema) != schema:
                    raise ValueError(f"two schemas are called {name}")
            document["components"]["schemas"] = dict(sorted(schemas.items()))
        return self.openapi_schema or {}


def _further_schemas() -> dict[str, Any]:
    _, read = models_json_schema([(model, "validation") for model in BODIES], ref_template=REF)
    problem = ProblemDocument.model_json_schema(ref_template=REF, mode="serialization")
    nested = problem.pop("$defs")
    return {**read["$defs"], **nested, "Problem": problem}
