"""Between which values each tensor of a graph lies, seen on training images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper

from kd_core.models.onnx.session import open_session

if TYPE_CHECKING:
    from torch import Tensor

    from kd_core.models.build import Plan

CALIBRATED_ON = 256  # images, as they are without augmentation
BATCH = 32
Extremes = NDArray[np.float32]
Ranges = Mapping[str, tuple[float, float]]
"""By the names of tensors."""


class Images(Protocol):
    """Of a whole split."""

    def __len__(self) -> int: ...

    def __getitem__(self, places: Tensor, /) -> Tensor:
        """uint8 [B, S, S, 3]"""


def inputs(images: Images, plan: Plan, batch: int = BATCH) -> Iterator[Tensor]:
    """A few of a split's images as a network takes them: float32 [B, 3, S, S].

    They are drawn, the same each time: a split may lie in the order of its classes, or repeat it.
    """
    draw = torch.Generator().manual_seed(0)
    drawn = torch.randperm(len(images), generator=draw)[:CALIBRATED_ON].sort().values
    for places in torch.split(drawn, batch):
        yield plan.inputs(images[places])


@dataclass(frozen=True)
class Seen:
    """The least and the greatest value of each tensor, batch by batch. float32 [batches, 2]"""

    extremes: Mapping[str, Extremes]

    def widest(self) -> Ranges:
        """Nothing that was seen lies outside."""
        return {name: (at[:, 0].min(), at[:, 1].max()) for name, at in self.extremes.items()}

    def usual(self) -> Ranges:
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
    """Everything that depends on the images."""
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
