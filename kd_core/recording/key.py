"""What the rows of a recording follow from, as one name for it: equal names, equal bytes."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import torch

from kd_core.recording.hint import versions

if TYPE_CHECKING:
    from kd_core.models.teacher import Ensemble, Teacher
    from kd_core.training.views import Views

FORMAT = 1


def key_of(teacher: Teacher | Ensemble, views: Views, data_digest: str) -> str:
    """SHA-256 over everything that the rows follow from, to their last bits. Hexadecimal."""
    recipe = views.recipe
    every_view = recipe.teacher_cache is not None and recipe.teacher_cache.views == "all"
    decides = {
        "format": FORMAT,
        "teacher": teacher.identity,
        "data": data_digest,
        "augment": recipe.augment.model_dump(mode="json"),
        "mix": recipe.mix and recipe.mix.model_dump(mode="json"),
        "seed": None if every_view else views.seed,
        "views": views.count,
        "rows": recipe.teacher_cache and recipe.teacher_cache.rows,
        "computed": _computed_on(views.split.images.device.type),
    }
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


def _computed_on(device: str) -> dict[str, Any]:
    """Other threads, instructions or versions add up in another order."""
    processor = torch.backends.cpu.get_cpu_capability()
    gpu = torch.cuda.get_device_name() if device == "cuda" else None
    return {
        "processors": [processor, gpu],
        "threads": torch.get_num_threads(),
        "versions": versions(),
    }
