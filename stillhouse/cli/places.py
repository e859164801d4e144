"""Where in the user's own file a mistake is: the line of what a JSON pointer names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import yaml

from kd_core.errors import KdError, Problem
from stillhouse.client import ClientError


@contextmanager
def pointing_into(path: Path) -> Iterator[None]:
    """Whoever says no in here, to what was read from this file, says it of a line."""
    try:
        yield
    except (KdError, ClientError) as error:
        places = Places.in_file(path)
        if places is not None:
            error.problems = tuple(places.shown(problem) for problem in error.problems)
        raise


class Places:
    def __init__(self, path: Path, root: yaml.Node) -> None:
        self._path = path
        self._root = root

    @classmethod
    def in_file(cls, path: Path) -> Places | None:
        """None of what is no YAML, nor JSON: that has been said, with its line."""
        try:
            root = yaml.compose(path.read_text(encoding="utf-8"), yaml.SafeLoader)
        except (yaml.YAMLError, RecursionError, OSError, ValueError):
            return None
        return None if root is None else cls(path, root)

    def shown(self, problem: Problem) -> Problem:
        if problem.pointer is None or problem.file is not None:
            return problem
        return replace(problem, file=str(self._path), line=self.line_of(problem.pointer))

    def line_of(self, pointer: str) -> int:
        """Counted from 1. What is missing has the line of what it is missing in."""
        mark, node = self._root.start_mark, self._root
        for step in pointer.split("/")[1:]:
            found = _child(node, step.replace("~1", "/").replace("~0", "~"))
            if found is None:
                break
            name, node = found
            mark = name.start_mark
        return mark.line + 1


def _child(node: yaml.Node, step: str) -> tuple[yaml.Node, yaml.Node] | None:
    """What names it, a key or the value itself, and the value."""
    if isinstance(node, yaml.SequenceNode):
        if step.isdecimal() and int(step) < len(node.value):
            value = node.value[int(step)]
            return value, value
        return None
    if isinstance(node, yaml.MappingNode):
        named = ((key, value) for key, value in node.value if key.value == step)
        return next(named, None)
    return None
