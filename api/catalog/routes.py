"""Endpoints of the catalogue."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from api.auth import authenticate
from api.catalog.schemas import Loss, Preset, StudentFacts, StudentNames
from api.problems import problems
from api.tags import TAGGED, SeenTags
from kd_core.architectures import architectures, counted
from kd_core.losses.catalog import LOSSES
from kd_core.spec.presets import PRESET_KINDS, PresetKind, presets
from stillhouse.domain.job_spec import JobSpec

router = APIRouter(
    prefix="/v1/catalog",
    tags=["catalog"],
    dependencies=[Depends(authenticate)],
    responses=problems(401, 403),
)
DIALECT = "https://json-schema.org/draft/2020-12/schema"
Containing = Annotated[
    str, Query(max_length=100, description="Only names that contain this, in any case.")
]

Kind = Annotated[PresetKind | None, Query(description="Only presets of a loss, or of a recipe.")]


@router.get("/losses", operation_id="list_losses")
async def list_losses() -> list[Loss]:
    """Every loss, with the schema of its parameters."""
    return [Loss.of(spec) for spec in LOSSES.values()]


@router.get(
    "/specification",
    operation_id="get_specification_schema",
    responses={**TAGGED, **problems(422)},
)
async def get_specification_schema(seen: SeenTags) -> dict[str, Any]:
    """JSON Schema of what `POST /v1/jobs` takes, whole and without references to elsewhere: what a
    form is drawn from. A default is told, and need not be sent; in `recipe` its preset goes first.
    """
    schema, tag = _specification()
    seen.unless(tag)
    return schema


@cache
def _specification() -> tuple[dict[str, Any], str]:
    """Of the losses that this process has found: they stay what they are until it ends."""
    schema = {"$schema": DIALECT, **JobSpec.model_json_schema()}
    digest = hashlib.sha256(json.dumps(schema, sort_keys=True).encode()).hexdigest()
    return schema, f'W/"s-{digest[:32]}"'


@router.get("/presets", operation_id="list_presets", responses=problems(422))
async def list_presets(kind: Kind = None) -> list[Preset]:
    """Published settings by name, each with its source."""
    return [
        Preset.of(each, name, found)
        for each in ((kind,) if kind else PRESET_KINDS)
        for name, found in presets(each).items()
    ]


@router.get("/students", operation_id="list_students", responses=problems(422))
async def list_students(q: Containing = "") -> StudentNames:
    """Every architecture that a student, or a teacher, may have."""
    wanted = q.casefold()
    names = [name for name in architectures() if wanted in name.casefold()]
    facts = {name: StudentFacts.of(counted()[name]) for name in names if name in counted()}
    return StudentNames(data=names, facts=facts)
