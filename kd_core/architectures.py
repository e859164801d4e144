"""The names that timm knows, without importing timm. `./dev gen` rewrites the list."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from pydantic_core import PydanticCustomError

from kd_core.problems import closest, shown


@cache
def architectures() -> tuple[str, ...]:
    text = (resources.files("kd_core") / "architectures.txt").read_text(encoding="utf-8")
    return tuple(text.split())


def check_architecture(name: str) -> str:
    """The name, or a refusal that lists the closest ones."""
    if name in architectures():
        return name
    bare = re.sub(r"^(hf_hub:|hf-hub:|hub:)?(timm/)?", "", name).split(".", maxsplit=1)[0]
    near = [bare] if bare in architectures() else closest(name, architectures())
    hint = f"closest: {', '.join(near)}" if near else "timm.list_models() lists them"
    raise PydanticCustomError(
        "unknown_architecture",
        "timm has no architecture {name}",
        {"name": shown(name), "hint": hint},
    )
