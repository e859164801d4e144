"""What a graph carries and no runtime needs: in a small network in int8, a fifth of the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto


def slim(model: ModelProto) -> None:
    """Drop the types of what lies between operators, the names of these, and every constant that is
    there under another name. What goes in and comes out keeps its name.
    """
    graph = model.graph
    del graph.value_info[:]
    for node in graph.node:
        node.ClearField("name")
    _rename(model, _first_of_each_constant(model))
    _rename(model, _short_names(model))


def _first_of_each_constant(model: ModelProto) -> dict[str, str]:
    """By the name of each constant, that of the first that is the same; others are dropped."""
    first: dict[bytes, str] = {}
    same: dict[str, str] = {}
    for tensor in model.graph.initializer:
        nameless = type(tensor)()
        nameless.CopyFrom(tensor)
        nameless.ClearField("name")
        same[tensor.name] = first.setdefault(nameless.SerializeToString(), tensor.name)
    kept = [one for one in model.graph.initializer if same[one.name] == one.name]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    return same


def _short_names(model: ModelProto) -> dict[str, str]:
    seen_outside = {one.name for one in (*model.graph.input, *model.graph.output)}
    names = dict.fromkeys(name for node in model.graph.node for name in _names(node) if name)
    return {name: f"t{place}" for place, name in enumerate(names) if name not in seen_outside}


def _rename(model: ModelProto, names: dict[str, str]) -> None:
    for node in model.graph.node:
        for part in (node.input, node.output):
            part[:] = [names.get(name, name) for name in part]
    for tensor in model.graph.initializer:
        tensor.name = names.get(tensor.name, tensor.name)


def _names(node: NodeProto) -> Iterator[str]:
    yield from node.input
    yield from node.output
