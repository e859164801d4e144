"""onnx: a graph from scaled images to logits, and one that begins with pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from kd_core.exports.refusal import said_in_a_sentence
from kd_core.models.onnx.export import OPSET

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
        plain = serialised(student.graph, student, PLANES)
        of_pixels = onnx.ModelProto()
        of_pixels.CopyFrom(student.graph)
        _begin_with_pixels(of_pixels, student.plan)
        pixels = serialised(of_pixels, student, PIXELS)
    (folder / GRAPH).write_bytes(plain)
    (folder / GRAPH_OF_PIXELS).write_bytes(pixels)


def serialised(model: ModelProto, student: Student, layout: str, **known: str) -> bytes:
    """With what whoever loads it must know in its metadata, and whatever else is `known` of it."""
    helper.set_model_props(model, student.description(layout) | {"opset": str(OPSET)} | known)
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
