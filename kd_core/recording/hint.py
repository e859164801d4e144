"""What is known of the answers that a run would record before any file of it is read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version

from kd_core.spec.document import DistillSpec

NOT_OF_THE_ANSWERS = {"min_top1", "force"}
COMPUTED_BY = ("stillhouse", "torch", "timm", "numpy", "onnxruntime")


def versions() -> Mapping[str, str]:
    """Of what computes an answer: another one may round it otherwise."""
    return {name: version(name) for name in COMPUTED_BY}


def recording_hint(spec: DistillSpec) -> str | None:
    """A digest that is equal for runs which may share a recording; None where nothing is recorded.

    It only says where to look: equal hints may still mean different recordings, each of which has
    a key of its own.
    """
    recipe, cache = spec.recipe, spec.recipe.teacher_cache
    if cache is None:
        return None
    views = recipe.recorded_views
    tells = {
        "teachers": [
            teacher.model_dump(mode="json", exclude=NOT_OF_THE_ANSWERS)
            for teacher in spec.all_teachers.values()
        ],
        "data": spec.data.model_dump(mode="json"),
        "augment": recipe.augment.model_dump(mode="json"),
        "mix": recipe.mix and recipe.mix.model_dump(mode="json"),
        "precision": recipe.teacher_precision,
        "rows": cache.rows,
        "views": views,
        "seed": None if views == "all" else recipe.seed,
        "resources": spec.resources.model_dump(mode="json"),
        "versions": versions(),
    }
    return hashlib.sha256(json.dumps(tells, sort_keys=True).encode()).hexdigest()
