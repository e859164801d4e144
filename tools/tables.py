"""JSON Schema as Markdown tables: what the generated pages are made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

NONE: Mapping[str, Any] = MappingProxyType({})


def table(section: dict[str, Any]) -> str:
    rows = ["| key | value | default | meaning |", "| --- | --- | --- | --- |"]
    required = section.get("required", [])
    for name, field in section["properties"].items():
        default = "required" if name in required else _default(field)
        meaning = " ".join(field.get("description", "").split()).replace("|", "\\|")
        rows.append(f"| `{name}` | {kind(field)} | {default} | {meaning} |")
    return "\n".join(rows) + "\n"


def _default(field: dict[str, Any]) -> str:
    """A section's own defaults stand in its own table."""
    value = field.get("default")
    if isinstance(value, dict):
        return f"`{value['kind']}`" if "kind" in value else "its defaults"
    return "" if value is None else f"`{json.dumps(value)}`"


def kind(field: Mapping[str, Any], sections: Mapping[str, Any] = NONE) -> str:
    """The type in words, with its range. A section that has a place in `sections` is named."""
    if "$ref" in field:
        return _section(field["$ref"].rpartition("/")[2], sections)
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        return ", ".join(f"`{choice}`" for choice in field["enum"])
    options = field.get("anyOf") or field.get("oneOf")
    if options:
        kinds = (kind(option, sections) for option in options if option.get("type") != "null")
        return " or ".join(dict.fromkeys(kinds))
    name = {"array": "list", "string": "text"}.get(field.get("type", ""), field.get("type", ""))
    return f"{name}{_range(field)}"


def _section(name: str, sections: Mapping[str, Any]) -> str:
    if name not in sections:
        return "section"
    of = sections[name]
    return kind(of) if "enum" in of else f"[{name}](#{name.lower()})"


def _range(field: Mapping[str, Any]) -> str:
    signs = {
        "exclusiveMinimum": ">",
        "minimum": ">=",
        "exclusiveMaximum": "<",
        "maximum": "<=",
    }
    bounds = [f"{sign} {field[key]:g}" for key, sign in signs.items() if key in field]
    return f" {', '.join(bounds)}" if bounds else ""
