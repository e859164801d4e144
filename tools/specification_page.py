"""docs/specification.md, made from the models that read the specification."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from kd_core.losses.catalog import LOSSES, TERMS
from kd_core.spec import DistillSpec
from kd_core.spec.recipe import preset, preset_names

INTRODUCTION = """# The specification

<!-- Made by ./dev gen from kd_core/spec and kd_core/losses. Do not edit. -->

One document describes a run: YAML or JSON, without code. Unknown keys are refused, and so is
whatever does not work yet. What is not written is filled in and kept, resolved, in `run.json`.
"""

# The sections in the order in which people meet them: definition in the schema, title.
SECTIONS = (
    ("Teacher", "teacher"),
    ("Student", "student"),
    ("DataSource", "data"),
    ("Split", "data.split"),
    ("Recipe", "recipe, teacher.recipe"),
    ("Sgd", "recipe.optimizer: sgd"),
    ("AdamW", "recipe.optimizer: adamw"),
    ("Cosine", "recipe.schedule: cosine"),
    ("Step", "recipe.schedule: step"),
    ("Export", "exports"),
    ("Resources", "resources"),
)


def page() -> str:
    schema = DistillSpec.model_json_schema()
    parts = [INTRODUCTION, _table(schema)]
    parts += [f"## {title}\n\n{_table(schema['$defs'][name])}" for name, title in SECTIONS]
    parts += ["## Presets of a recipe\n\n" + "\n".join(_presets())]
    parts += [f"## loss: {kind}\n\n{_loss(kind)}" for kind in LOSSES]
    return "\n".join(parts)


def _table(section: dict[str, Any]) -> str:
    rows = ["| key | value | default | meaning |", "| --- | --- | --- | --- |"]
    required = section.get("required", [])
    for name, field in section["properties"].items():
        default = "required" if name in required else _default(field)
        meaning = " ".join(field.get("description", "").split()).replace("|", "\\|")
        rows.append(f"| `{name}` | {_type(field)} | {default} | {meaning} |")
    return "\n".join(rows) + "\n"


def _default(field: dict[str, Any]) -> str:
    """A section's own defaults stand in its own table."""
    value = field.get("default")
    if isinstance(value, dict):
        return f"`{value['kind']}`" if "kind" in value else "its defaults"
    return "" if value is None else f"`{json.dumps(value)}`"


def _type(field: dict[str, Any]) -> str:
    """The type in words, with its range."""
    if "$ref" in field:
        return "section"
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        return ", ".join(f"`{choice}`" for choice in field["enum"])
    options = field.get("anyOf") or field.get("oneOf")
    if options:
        kinds = (_type(option) for option in options if option.get("type") != "null")
        return " or ".join(dict.fromkeys(kinds))
    name = {"array": "list", "string": "text"}.get(field.get("type", ""), field.get("type", ""))
    return f"{name}{_range(field)}"


def _range(field: dict[str, Any]) -> str:
    signs = {
        "exclusiveMinimum": ">",
        "minimum": ">=",
        "exclusiveMaximum": "<",
        "maximum": "<=",
    }
    bounds = [f"{sign} {field[key]:g}" for key, sign in signs.items() if key in field]
    return f" {', '.join(bounds)}" if bounds else ""


def _presets() -> Iterator[str]:
    for name in preset_names():
        found = preset(name)
        yield f"- `{name}` `{json.dumps(found.values)}`  "
        yield f"  {found.about} Source: {found.source}"
    yield ""


def _loss(kind: str) -> str:
    loss = LOSSES[kind]
    needs = ", ".join(need.replace("_", " ") for need in loss.needs.words)
    return (
        f"{loss.summary} {loss.family.capitalize()}; {loss.paper}; {loss.source}.\n\n"
        f"Needs {needs}. The bare name means `{json.dumps(list(loss.paper_sum))}`.\n\n"
        f"{_table(TERMS[kind].model_json_schema())}"
    )
