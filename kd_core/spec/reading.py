"""From text or a mapping to a `DistillSpec`: YAML as people write it, every problem at once."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from kd_core.errors import Problem, SpecInvalid
from kd_core.problems import from_validation_error, shown
from kd_core.spec.document import DistillSpec

MAX_BYTES = 1_000_000
MAX_NODES = 100_000  # aliases can make a small text unfold into a huge document


class _Loader(yaml.SafeLoader):
    """YAML with three differences: 1e-3 is a number, a date is a text, a key stands once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        own = [key for key, _ in node.value if not key.tag.endswith(":merge")]
        _unique([self.construct_object(key, deep=True) for key in own], own)
        return super().construct_mapping(node, deep)


# PyYAML follows YAML 1.1, where 1e-3 without a dot is a text. People write 1e-3.
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"),
    list("-+0123456789"),
)
for _first, _forms in _Loader.yaml_implicit_resolvers.items():
    _kept = [(tag, form) for tag, form in _forms if not tag.endswith(":timestamp")]
    _Loader.yaml_implicit_resolvers[_first] = _kept
QUOTE = 'a > is written between quotes: op: ">="'
# What PyYAML raises for a value that its own tags cannot make: !!int "", !!float abc.
UNREADABLE = (yaml.YAMLError, ValueError, KeyError, IndexError, AttributeError, RecursionError)


def _unique(keys: list[Any], nodes: list[yaml.Node]) -> None:
    seen: set[str] = set()
    for key, node in zip(keys, nodes, strict=True):
        if not isinstance(key, str):
            raise _refused(f"a key must be a text; got {shown(key)}", node.start_mark)
        if key in seen:
            raise _refused(f"the key {shown(key)} stands twice", node.start_mark)
        seen.add(key)


SEE_EXAMPLE = "write the specification as YAML or JSON; see examples/digits.yaml"


def _refused(message: str, mark: yaml.Mark | None = None, hint: str = SEE_EXAMPLE) -> SpecInvalid:
    place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
    return SpecInvalid((Problem("not_a_document", f"{message}{place}", hint),))


def read_spec(path: Path) -> DistillSpec:
    """The specification in a YAML or JSON file."""
    return parse_spec(read_document(path))


def read_document(path: Path) -> Any:
    """What a YAML or JSON file holds, not yet a specification."""
    try:
        return document_of(_bytes(path))
    except SpecInvalid as error:
        raise SpecInvalid(tuple(replace(p, file=str(path)) for p in error.problems)) from None


def _bytes(path: Path) -> bytes:
    """No more than a specification may have; a pipe or a device would never end."""
    try:
        if not path.is_file():
            raise _refused("there is no such file" if not path.exists() else "this is no file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _refused(f"cannot be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise _refused(f"the specification is larger than {MAX_BYTES} bytes")
    return data


def parse_spec(document: Any) -> DistillSpec:
    """The specification in a mapping, as JSON or YAML gives it."""
    if not isinstance(document, Mapping):
        message = f"the specification must be a mapping; got {shown(document)}"
        raise SpecInvalid((Problem("wrong_type", message, "see examples/digits.yaml", ""),))
    try:
        return DistillSpec.model_validate(dict(document))
    except ValidationError as error:
        problems = from_validation_error(error, document, DistillSpec)
        raise SpecInvalid(problems) from None


def document_of(data: bytes) -> Any:
    """JSON when it is JSON: YAML reads most of it, but neither tabs nor all of its escapes."""
    try:
        document = json.loads(data, object_pairs_hook=_json_object)
    except (ValueError, RecursionError):
        document = _yaml(data)
    if _nodes(document, MAX_NODES) > MAX_NODES:
        raise _refused(f"the specification unfolds into more than {MAX_NODES} values")
    return document


def _json_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise _refused(f"the key {shown(twice)} stands twice")
    return dict(pairs)


def _yaml(data: bytes) -> Any:
    try:
        return yaml.load(data, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        hint = QUOTE if mark is not None and _is_unquoted(data, mark.line) else SEE_EXAMPLE
        raise _refused(f"not YAML: {error.problem}", mark, hint) from None
    except yaml.reader.ReaderError as error:
        raise _refused(f"not YAML, nor any text in UTF-8: {error.reason}") from None
    except UNREADABLE:
        raise _refused("not YAML: a value in it cannot be read, or it is nested too deep") from None


def _is_unquoted(data: bytes, line: int) -> bool:
    """Whether a line has the `>` of a gate as a bare word, which begins a text of many lines."""
    lines = data.decode(errors="replace").splitlines()
    return line < len(lines) and re.search(r":\s*>", lines[line]) is not None


def _nodes(value: Any, limit: int) -> int:
    """How many values there are, counted no further than just past the limit."""
    count, waiting = 0, [value]
    while waiting and count <= limit:
        here = waiting.pop()
        count += 1
        if isinstance(here, Mapping):
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)
    return count
