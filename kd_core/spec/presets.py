"""Settings with a name and a source: the YAML files of kd_core/presets, one a preset."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal, get_args

import yaml
from pydantic import Field
from pydantic_core import PydanticCustomError

from kd_core.problems import closest
from kd_core.spec.section import Section

PresetKind = Literal["loss", "recipe"]
PRESET_KINDS: tuple[PresetKind, ...] = get_args(PresetKind)


class Preset(Section):
    """What it is for, where its numbers are from, and what it sets."""

    about: str
    source: str
    values: Mapping[str, Any] = Field(default_factory=dict)
    """Of a recipe: its differences from the defaults that kd_core/spec/recipe.py declares."""
    terms: list[dict[str, Any]] = Field(default_factory=list)
    """Of a loss: the weighted sum."""


@cache
def presets(kind: PresetKind) -> Mapping[str, Preset]:
    folder = resources.files("kd_core") / "presets" / kind
    files = {
        file.name.removesuffix(".yaml"): file
        for file in folder.iterdir()
        if file.name.endswith(".yaml")
    }
    return {
        name: Preset.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
        for name, file in sorted(files.items())
    }


def find_preset(kind: PresetKind, name: object) -> Preset:
    """The preset of that name, or an error for a validator that says which there are."""
    known = presets(kind)
    if isinstance(name, str) and name in known:
        return known[name]
    near = closest(name, tuple(known)) if isinstance(name, str) else ()
    guess = f"did you mean {' or '.join(near)}? " if near else ""
    raise PydanticCustomError(
        "unknown_preset",
        "there is no {kind} preset {name}",
        {
            "kind": kind,
            "name": repr(name)[:100],
            "hint": f"{guess}still presets lists them, and so does GET /v1/catalog/presets",
            "pointer": "/preset",
        },
    )
