"""Between which values each tensor of a graph lies, seen on images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper

from kd_core.models.onnx.session import open_session

if TYPE_CHECKING:
    from torch import Tensor

Extremes = NDArray[np.float32]


@dataclass(frozen=True)
class Seen:
    """The least and the greatest value of each tensor, batch by batch. float32 [batches, 2]"""

    extremes: Mapping[str, Extremes]

    def widest(self) -> dict[str, tuple[float, float]]:
        """Nothing that was seen lies outside."""
        return {name: (at[:, 0].min(), at[:, 1].max()) for name, at in self.extremes.items()}

    def usual(self) -> dict[str, tuple[float, float]]:
        """The mean of the batches: a value seen once is cut off, and the others keep more steps."""
        return {name: (at[:, 0].mean(), at[:, 1].mean()) for name, at in self.extremes.items()}


def seen(graph: ModelProto, batches: Iterator[Tensor], threads: int) -> Seen:
    """Run the graph over batches of inputs [B, 3, S, S] and watch every float32 tensor in it."""
    names = _float_tensors(graph)
    watching = ModelProto()
    watching.CopyFrom(graph)
    for name in names:
        _watch(watching, name)
    session = open_session(watching.SerializeToString(), threads)
    given = session.get_inputs()[0].name
    wanted = [_least(name) for name in names] + [_greatest(name) for name in names]
    found = [session.run(wanted, {given: batch.contiguous().numpy()}) for batch in batches]
    table = np.array(found, dtype=np.float32).reshape(len(found), 2, len(names))
    return Seen({name: table[:, :, place] for place, name in enumerate(names)})


def _float_tensors(graph: ModelProto) -> list[str]:
    """Everything that depends on the images. Shape inference has told the types."""
    known = [*graph.graph.input, *graph.graph.value_info, *graph.graph.output]
    kinds = {value.name: value.type.tensor_type.elem_type for value in known}
    made = [graph.graph.input[0].name, *(out for node in graph.graph.node for out in node.output)]
    return [name for name in made if kinds.get(name) == TensorProto.FLOAT]


def _watch(graph: ModelProto, name: str) -> None:
    for kind, result in (("ReduceMin", _least(name)), ("ReduceMax", _greatest(name))):
        graph.graph.node.append(helper.make_node(kind, [name], [result], keepdims=0))
        graph.graph.output.append(helper.make_tensor_value_info(result, TensorProto.FLOAT, []))


def _least(name: str) -> str:
    return f"{name}/least"


def _greatest(name: str) -> str:
    return f"{name}/greatest"
