"""ONNX files of a few operators: a sound one, and what strangers may bring in its place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

Shape = Sequence[int | str | None]
FLOAT = TensorProto.FLOAT
IMAGES = ("images", FLOAT, ("batch", 3, "height", "width"))
LOGITS = ("logits", FLOAT, ("batch", 2))
MEANS = helper.make_node("GlobalAveragePool", ["images"], ["pooled"])
ROWS = helper.make_node("Flatten", ["pooled"], ["features"])
PRODUCT = helper.make_node("MatMul", ["features", "weight"], ["logits"])
USUAL = (MEANS, ROWS, PRODUCT)


def model(
    nodes: Sequence[NodeProto] = USUAL,
    inputs: Sequence[tuple[str, int, Shape]] = (IMAGES,),
    outputs: Sequence[tuple[str, int, Shape]] = (LOGITS,),
    classes: int = 2,
    colours: int = 3,
) -> onnx.ModelProto:
    """The mean colour of an image, times weights."""
    weight = np.linspace(-3, 3, colours * classes, dtype=np.float32).reshape(colours, classes)
    graph = helper.make_graph(
        list(nodes),
        "graph",
        [helper.make_tensor_value_info(*one) for one in inputs],
        [helper.make_tensor_value_info(*one) for one in outputs],
        [numpy_helper.from_array(weight, "weight")],
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10, producer_name="tests"
    )


def save(to: Path, **changes: object) -> Path:
    to.write_bytes(model(**changes).SerializeToString())  # type: ignore[arg-type]
    return to


def of_shape(*shape: int | str | None) -> dict[str, object]:
    """A graph that takes images of this shape, and answers as usual."""
    return {
        "inputs": [("images", FLOAT, shape)],
        "outputs": [("logits", FLOAT, (shape[0], 2))],
        "colours": shape[1],
    }


def with_weights_elsewhere(to: Path) -> Path:
    """As exporters write what is large: a graph, and beside it a file with its weights."""
    onnx.save(model(), to, save_as_external_data=True, location="weights.data", size_threshold=0)
    return to


def then(operator: str, **attributes: object) -> dict[str, object]:
    """The usual graph with one more operator behind it."""
    product = helper.make_node("MatMul", ["features", "weight"], ["product"])
    return {
        "nodes": (
            MEANS,
            ROWS,
            product,
            helper.make_node(operator, ["product"], ["logits"], **attributes),
        )
    }


def save_endless(to: Path, side: int) -> Path:
    """A sound graph that goes round as often as 63 bits can count, before it answers."""
    names = ("round", TensorProto.INT64, ()), ("on", TensorProto.BOOL, ()), ("x", FLOAT, None)
    given = [helper.make_tensor_value_info(*one) for one in names]
    same = (
        helper.make_node("Identity", ["on"], ["again"]),
        helper.make_node("Identity", ["x"], ["y"]),
    )
    made = [
        helper.make_tensor_value_info(*one)
        for one in (("again", TensorProto.BOOL, ()), ("y", FLOAT, None))
    ]
    body = helper.make_graph(same, "body", given, made)
    loop = helper.make_node("Loop", ["rounds", "", "features"], ["turned"], body=body)
    product = helper.make_node("MatMul", ["turned", "weight"], ["logits"])
    graph = model((MEANS, ROWS, loop, product))
    graph.graph.initializer.append(numpy_helper.from_array(np.array(2**63 - 1), "rounds"))
    helper.set_model_props(
        graph,
        {"image_size": str(side), "layout": "NCHW", "mean": "[0, 0, 0]", "std": "[1, 1, 1]"},
    )
    to.write_bytes(graph.SerializeToString())
    return to
