"""docs/specification.md, made from the models that read the specification."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tables import table

from kd_core.spec import DistillSpec
from kd_core.spec.presets import presets

INTRODUCTION = """# The specification

<!-- Made by ./dev gen from kd_core/spec and kd_core/losses. Do not edit. -->

One document describes a run: YAML or JSON, without code. Unknown keys are refused, and so is
whatever does not work yet. What is not written is filled in and kept, resolved, in `run.json`. The
terms of a loss and their presets have a page of their own: [losses.md](losses.md).
"""

# The sections in the order in which people meet them: definition in the schema, title.
SECTIONS = (
    ("Teacher", "teacher"),
    ("TeacherOfSeveral", "teachers: each"),
    ("Student", "student"),
    ("DataSource", "data"),
    ("Split", "data.split"),
    ("Recipe", "recipe, teacher.recipe"),
    ("Sgd", "recipe.optimizer: sgd"),
    ("AdamW", "recipe.optimizer: adamw"),
    ("Lamb", "recipe.optimizer: lamb"),
    ("Cosine", "recipe.schedule: cosine"),
    ("Linear", "recipe.schedule: linear"),
    ("Step", "recipe.schedule: step"),
    ("FlipCrop", "recipe.augment: flip_crop"),
    ("ResizedCrop", "recipe.augment: resized_crop"),
    ("Mix", "recipe.mix"),
    ("EarlyStopping", "recipe.early_stopping"),
    ("TeacherCache", "recipe.teacher_cache"),
    ("Export", "exports"),
    ("Gate", "gates"),
    ("Resources", "resources"),
)


def page() -> str:
    schema = DistillSpec.model_json_schema()
    parts = [INTRODUCTION, table(schema)]
    parts += [f"## {title}\n\n{table(schema['$defs'][name])}" for name, title in SECTIONS]
    parts += ["## Presets of a recipe\n\n" + "\n".join(_presets())]
    return "\n".join(parts)


def _presets() -> Iterator[str]:
    for name, found in presets("recipe").items():
        yield f"- `{name}` `{json.dumps(found.values)}`  "
        yield f"  {found.about} Source: {found.source}"
    yield ""
