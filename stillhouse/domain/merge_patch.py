"""JSON merge patches, RFC 7396: what a document becomes when these places of it change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kd_core.errors import Problem
from kd_core.place import json_pointer
from stillhouse.domain.errors import Invalid
from stillhouse.domain.text import MAX_DEPTH


def merged(target: Any, patch: Any, path: tuple[str, ...] = ()) -> Any:
    """`target` as the patch wants it: a null takes a member away, and a list is replaced whole."""
    if not isinstance(patch, Mapping):
        return patch
    if len(path) > MAX_DEPTH:
        raise Invalid((Problem("too_deep", "is nested too deeply", "", json_pointer(path)),))
    found = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = merged(found.get(key), value, (*path, key))
    return found
