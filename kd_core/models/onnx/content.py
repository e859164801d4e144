"""What is in an ONNX file: a graph, whole, with its weights inside it, and what it says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError
from onnx import GraphProto, ModelProto, NodeProto, TensorProto

from kd_core.errors import printable
from kd_core.models.checkpoint_file import COPY_AGAIN
from kd_core.models.file_format import looks_like, looks_like_onnx
from kd_core.problems import shown

if TYPE_CHECKING:
    from kd_core.models.checkpoint_file import CheckpointFile


MOST_ENTRIES, LONGEST_ENTRY = 32, 1000


@dataclass(frozen=True)
class Description:
    """What a graph says of itself: it is shown, and nothing follows from it."""

    opset: int | None
    """Of ONNX's own operators."""
    producer: str
    metadata: Mapping[str, str]


def check_content(file: CheckpointFile, head: bytes, data: bytes) -> Description:
    model = ModelProto()
    try:
        model.ParseFromString(data)
    except DecodeError:
        if looks_like_onnx(head):
            file.refuse(
                "checkpoint_truncated", "the ONNX graph is cut short or damaged", COPY_AGAIN
            )
        model.Clear()
    if not model.graph.node:
        what = (
            "it has no operators" if looks_like_onnx(head) else f"it looks like {looks_like(head)}"
        )
        file.refuse(
            "checkpoint_not_onnx",
            f"the checkpoint is no ONNX graph: {what}",
            "give what torch.onnx.export wrote, or name a file with weights and its architecture",
        )
    for tensor in _tensors(model):
        if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
            places = [entry.value for entry in tensor.external_data if entry.key == "location"]
            file.refuse(
                "onnx_external_data",
                f"the weights of the graph lie in another file, {shown((places or ['?'])[0])}",
                "save both as one file: onnx.save(onnx.load(path), path)",
            )
    return _described(model)


def _described(model: ModelProto) -> Description:
    own = (one.version for one in model.opset_import if one.domain in {"", "ai.onnx"})
    return Description(
        opset=next(own, None),
        producer=printable(f"{model.producer_name} {model.producer_version}".strip()),
        metadata={
            printable(entry.key): printable(entry.value, LONGEST_ENTRY)
            for entry in islice(model.metadata_props, MOST_ENTRIES)
        },
    )


def _tensors(model: ModelProto) -> Iterator[TensorProto]:
    yield from _tensors_in(model.graph)
    for function in model.functions:
        yield from _tensors_of(function.node)


def _tensors_in(graph: GraphProto) -> Iterator[TensorProto]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    yield from _tensors_of(graph.node)


def _tensors_of(nodes: Iterable[NodeProto]) -> Iterator[TensorProto]:
    for attribute in chain.from_iterable(node.attribute for node in nodes):
        yield from (attribute.t, *attribute.tensors)
        for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
            yield from (sparse.values, sparse.indices)
        for graph in (attribute.g, *attribute.graphs):
            yield from _tensors_in(graph)
