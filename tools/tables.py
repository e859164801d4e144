"""JSON Schema as Markdown tables: what both pages about the specification are made of."""

from __future__ import annotations

import json
from typing import Any


def table(section: dict[str, Any]) -> str:
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
