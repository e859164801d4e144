"""onnx: a graph from scaled images to logits, and one that begins with pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from kd_core.exports.refusal import said_in_a_sentence
from kd_core.models.onnx.export import OPSET, exported

if TYPE_CHECKING:
    from pathlib import Path

    from onnx import ModelProto

    from kd_core.exports.student import Student
    from kd_core.models.build import Plan

GRAPH, GRAPH_OF_PIXELS = "student.onnx", "student_uint8.onnx"
PLANES, PIXELS = "NCHW", "NHWC"


def write(student: Student, folder: Path) -> None:
    """Both take any number of images; what they were made for is in their metadata."""
    with said_in_a_sentence():
        graph = exported(student.network, student.plan.image_size)
        _forget_its_making(graph)
        plain = _serialised(graph, student, PLANES)
        _begin_with_pixels(graph, student.plan)
        of_pixels = _serialised(graph, student, PIXELS)
    (folder / GRAPH).write_bytes(plain)
    (folder / GRAPH_OF_PIXELS).write_bytes(of_pixels)


def _forget_its_making(model: ModelProto) -> None:
    """The exporter notes for each node where in our code, on our disk, it came from."""
    graph = model.graph
    graph.ClearField("metadata_props")
    for part in (graph.node, graph.input, graph.output, graph.value_info, graph.initializer):
        for one in part:
            one.ClearField("metadata_props")
            one.ClearField("doc_string")


def _serialised(model: ModelProto, student: Student, layout: str) -> bytes:
    helper.set_model_props(model, student.description(layout) | {"opset": str(OPSET)})
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


def _begin_with_pixels(model: ModelProto, plan: Plan) -> None:
    """Put the scaling before the graph: uint8 [B, S, S, 3] to what it took so far."""
    graph = model.graph
    taken = graph.input[0].name
    mean, std = (np.array(at, np.float32).reshape(3, 1, 1) for at in (plan.mean, plan.std))
    nodes = [
        helper.make_node("Transpose", ["pixels"], ["pixels/planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Cast", ["pixels/planes"], ["pixels/float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["pixels/float", "pixels/scale"], ["pixels/scaled"]),
        helper.make_node("Add", ["pixels/scaled", "pixels/shift"], [taken]),
    ]
    behind = list(graph.node)
    del graph.node[:], graph.input[:]
    graph.node.extend([*nodes, *behind])
    graph.initializer.append(numpy_helper.from_array(1 / (255 * std), "pixels/scale"))
    graph.initializer.append(numpy_helper.from_array(-mean / std, "pixels/shift"))
    shape: list[str | int] = ["batch", plan.image_size, plan.image_size, 3]
    graph.input.append(helper.make_tensor_value_info("pixels", TensorProto.UINT8, shape))
