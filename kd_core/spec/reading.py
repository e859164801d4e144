"""From text or a mapping to a `DistillSpec`: YAML as people write it, every problem at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
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
    """YAML with two differences: 1e-3 is a number, and a key that stands twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise _refused(f"a key must be a text; got {shown(key)}", key_node.start_mark)
            if key in seen:
                raise _refused(f"the key {key!r} stands twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


# PyYAML follows YAML 1.1, where 1e-3 without a dot is a text. People write 1e-3.
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"),
    list("-+0123456789"),
)


def _refused(message: str, mark: yaml.Mark | None) -> SpecInvalid:
    place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
    return SpecInvalid((Problem("not_a_document", f"{message}{place}"),))


def read_spec(path: Path) -> DistillSpec:
    """The specification in a YAML or JSON file."""
    try:
        data = path.read_bytes()
    except OSError as error:
        problem = Problem(
            "spec_unreadable", f"cannot be read: {error.strerror}", "check the path", file=str(path)
        )
        raise SpecInvalid((problem,)) from None
    return parse_spec(_document(data))


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


def _document(data: bytes) -> Any:
    if len(data) > MAX_BYTES:
        raise _refused(f"the specification is larger than {MAX_BYTES} bytes", None)
    try:
        document = yaml.load(data, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        raise _refused(f"not YAML: {error.problem}", error.problem_mark) from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise _refused(f"not YAML: {type(error).__name__}", None) from None
    if _nodes(document, MAX_NODES) > MAX_NODES:
        raise _refused(f"the specification unfolds into more than {MAX_NODES} values", None)
    return document


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
