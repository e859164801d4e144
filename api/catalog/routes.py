"""Endpoints of the catalogue."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.auth import authenticate
from api.catalog.schemas import Loss, Preset, StudentNames
from api.problems import problems
from kd_core.architectures import architectures
from kd_core.losses.catalog import LOSSES
from kd_core.spec.presets import PRESET_KINDS, PresetKind, presets

router = APIRouter(
    prefix="/v1/catalog",
    tags=["catalog"],
    dependencies=[Depends(authenticate)],
    responses=problems(401, 403),
)
Containing = Annotated[
    str, Query(max_length=100, description="Only names that contain this, in any case.")
]

Kind = Annotated[PresetKind | None, Query(description="Only presets of a loss, or of a recipe.")]


@router.get("/losses", operation_id="list_losses")
async def list_losses() -> list[Loss]:
    """Every loss, with the schema of its parameters."""
    return [Loss.of(spec) for spec in LOSSES.values()]


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
    return StudentNames(data=[name for name in architectures() if wanted in name.casefold()])
