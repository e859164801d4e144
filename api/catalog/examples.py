"""Examples of the catalogue: entries of its own lists."""

from __future__ import annotations

from typing import Any

from api.catalog.schemas import Loss, Preset, StudentFacts
from api.document.example import Example, Examples
from kd_core.architectures import counted
from kd_core.losses.catalog import LOSSES
from kd_core.spec.presets import presets
from stillhouse.domain.job_spec import JobSpec

QUICK = Preset.of("recipe", "quick", presets("recipe")["quick"])


def _loss() -> dict[str, Any]:
    """Its schema in short: a reference inside an example would be taken for one of the document."""
    told = Loss.of(LOSSES["ce"]).model_dump(mode="json", by_alias=True)
    shown = {name: told["schema"]["properties"][name] for name in ("kind", "weight")}
    return {**told, "schema": {"type": "object", "properties": shown, "required": ["kind"]}}


def _counted(name: str) -> dict[str, Any]:
    return StudentFacts.of(counted()[name]).model_dump()


def _specification() -> dict[str, Any]:
    """In short, for the same reason."""
    name = JobSpec.model_json_schema()["properties"]["name"]
    return {"type": "object", "title": "JobSpec", "properties": {"name": name}}


EXAMPLES: Examples = {
    "list_losses": Example(answer=[_loss()]),
    "get_specification_schema": Example(answer=_specification()),
    "list_presets": Example(query={"kind": "recipe"}, answer=[QUICK.model_dump(mode="json")]),
    "list_students": Example(
        query={"q": "mobilenetv3_small"},
        answer={
            "data": ["mobilenetv3_small_075", "mobilenetv3_small_100"],
            "facts": {"mobilenetv3_small_100": _counted("mobilenetv3_small_100")},
        },
    ),
}
