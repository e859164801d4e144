"""A specification from a file, as the JSON that the service is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from kd_core.errors import Problem, SpecInvalid
from kd_core.problems import shown
from kd_core.spec import reading
from kd_core.spec.sources import FILE
from stillhouse.client import ApiError, ClientError

_MODEL = "`still models add FILE --architecture ...` uploads it; write the mdl_... that it prints"
_DATA = "`still data add PATH` uploads it; write the ds_...@1 that it prints"
UPLOADED = {"checkpoint": _MODEL, "init": _MODEL, "dataset": _DATA}
"""By the key that names the file."""


def read_document(path: Path) -> dict[str, Any]:
    """YAML or JSON by the rules of the science, and nothing that JSON cannot say.

    What stands in it is for the service to judge: it may be newer than this client.
    """
    return _sayable(reading.read_document(path))


def read_changes(file: Path | None, settings: Sequence[str]) -> dict[str, Any]:
    """A merge patch: that of a file, and over it KEY=VALUE, where a.b means b in a."""
    patch = read_document(file) if file is not None else {}
    for setting in settings:
        key, separator, text = setting.partition("=")
        if not separator or not all(key.split(".")):
            message = f"{shown(setting)} is not of the form KEY=VALUE"
            problem = Problem("not_a_setting", message, "write it like recipe.epochs=20")
            raise SpecInvalid((problem,))
        change: Any = reading.document_of(text.encode())
        for part in reversed(key.split(".")):
            change = {part: change}
        patch = _both(patch, change)
    return _sayable(patch)


def _both(first: Any, second: Any) -> Any:
    """Two patches as one; unlike the merging itself, a null stays."""
    if not isinstance(first, Mapping) or not isinstance(second, Mapping):
        return second
    later = {key: _both(first.get(key), value) for key, value in second.items()}
    return {**first, **later}


def _sayable(document: Any) -> dict[str, Any]:
    if not isinstance(document, Mapping):
        message = f"the specification must be a mapping; got {shown(document)}"
        raise SpecInvalid((Problem("wrong_type", message, "see examples/digits.yaml", ""),))
    problems = tuple(_unsayable(document, ""))
    if problems:
        raise SpecInvalid(problems)
    return dict(document)


def _unsayable(value: Any, pointer: str) -> Iterator[Problem]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            step = str(key).replace("~", "~0").replace("/", "~1")
            yield from _unsayable(inner, f"{pointer}/{step}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _unsayable(inner, f"{pointer}/{place}")
    else:
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError):
            hint = "if it is meant as a text, write it between quotes"
            yield Problem("not_json", f"{shown(value)} cannot be sent as JSON", hint, pointer)


def with_way_out(error: ApiError, spec: Mapping[str, Any]) -> ClientError:
    """Where the service refuses a file of its own disk: how to send it one of ours."""
    error.problems = tuple(
        replace(p, hint=_joined(p.hint, _way(spec, p.pointer))) for p in error.problems
    )
    return error


def _way(spec: Mapping[str, Any], pointer: str | None) -> str:
    """How to upload what stands there; nothing when it is no file."""
    *path, key = (pointer or "").strip("/").split("/")
    inner: Any = spec
    for part in path:
        if isinstance(inner, list):
            inner = inner[int(part)] if part.isdecimal() and int(part) < len(inner) else None
        else:
            inner = inner.get(part) if isinstance(inner, Mapping) else None
    value = inner.get(key) if isinstance(inner, Mapping) else None
    return UPLOADED.get(key, "") if isinstance(value, str) and value.startswith(FILE) else ""


def _joined(hint: str, more: str) -> str:
    return "; ".join(part for part in (hint, more) if part)
