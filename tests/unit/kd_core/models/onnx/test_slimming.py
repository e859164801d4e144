"""A graph without what no runtime needs computes the same, in fewer bytes."""

import numpy as np
import onnx
from onnx import helper, numpy_helper

from kd_core.models.onnx.session import open_session
from kd_core.models.onnx.slimming import slim
from tests.support.onnx_graphs import MEANS, ROWS, model

IMAGES = np.random.default_rng(0).random((2, 3, 4, 4), np.float32)


def twice():
    """A graph with one constant under two names, and a name for everything."""
    graph = model(
        (
            MEANS,
            ROWS,
            helper.make_node("MatMul", ["features", "weight"], ["product"], "a_long_name"),
            helper.make_node("Add", ["product", "shift"], ["shifted"], "another"),
            helper.make_node("Add", ["shifted", "the_same_shift"], ["logits"], "and_one_more"),
        )
    )
    shift = np.array([1, -1], np.float32)
    for name in ("shift", "the_same_shift"):
        graph.graph.initializer.append(numpy_helper.from_array(shift, name))
    graph.graph.value_info.append(helper.make_tensor_value_info("features", 1, ("batch", 3)))
    return graph


def test_what_is_left_computes_the_same():
    graph = twice()
    before = open_session(graph.SerializeToString(), 1).run(None, {"images": IMAGES})
    slim(graph)
    onnx.checker.check_model(graph)
    after = open_session(graph.SerializeToString(), 1).run(["logits"], {"images": IMAGES})

    np.testing.assert_array_equal(before[0], after[0])


def test_names_types_and_what_stands_twice_are_gone():
    graph = twice()
    before = graph.ByteSize()
    slim(graph)

    assert 2 == len(graph.graph.initializer)
    assert [] == [*graph.graph.value_info, *(node.name for node in graph.graph.node if node.name)]
    assert graph.ByteSize() < 0.8 * before


def test_an_input_that_is_left_out_stays_left_out():
    graph = model(
        (
            MEANS,
            ROWS,
            helper.make_node("Clip", ["features", "", "most"], ["clipped"]),
            helper.make_node("MatMul", ["clipped", "weight"], ["logits"]),
        )
    )
    graph.graph.initializer.append(numpy_helper.from_array(np.array(0.5, np.float32), "most"))
    slim(graph)

    assert "" == graph.graph.node[2].input[1]
    onnx.checker.check_model(graph)
