"""ONNX files as teachers: sound ones are opened, all others are refused with what is wrong."""

from __future__ import annotations

import pytest
import torch
from onnx import TensorProto, helper

from kd_core.errors import ModelInvalid
from kd_core.models.onnx.graph_file import open_graph
from tests.support import onnx_graphs
from tests.support.onnx_graphs import FLOAT, IMAGES, LOGITS, MEANS, PRODUCT, ROWS, of_shape, then

SIDE = 16
SECOND = ("more", FLOAT, ("batch", 3))
BESIDE = helper.make_node("Softmax", ["logits"], ["shares"], axis=0)


def opened(path):
    return open_graph(path, pointer="/teacher/checkpoint", threads=1)


def refusal(path, side=SIDE):
    with pytest.raises(ModelInvalid) as refused:
        opened(path).classes(side)
    (problem,) = refused.value.problems

    assert (problem.pointer, problem.file) == ("/teacher/checkpoint", str(path))
    assert problem.hint
    return problem


def test_a_sound_graph_tells_its_classes_and_takes_any_side(tmp_path):
    graph = opened(onnx_graphs.save(tmp_path / "a.onnx"))

    assert graph.side is None
    assert graph.classes(SIDE) == graph.classes(48) == 2


@pytest.mark.parametrize("batch", ["batch", 1, 2, 7])
def test_a_graph_for_a_number_of_images_answers_to_any(tmp_path, batch):
    whole = opened(onnx_graphs.save(tmp_path / "whole.onnx"))
    graph = opened(onnx_graphs.save(tmp_path / "a.onnx", **of_shape(batch, 3, SIDE, SIDE)))
    images = torch.rand(5, 3, SIDE, SIDE)

    assert graph.side == SIDE
    assert graph.classes(SIDE) == 2
    torch.testing.assert_close(graph.network(images), whole.network(images))


def test_a_side_that_it_was_not_made_for_is_refused(tmp_path):
    path = onnx_graphs.save(tmp_path / "a.onnx", **of_shape("batch", 3, SIDE, SIDE))

    assert refusal(path, side=24).code == "onnx_unfit"


@pytest.mark.parametrize("kept", [1, 10, 100, -30, -1])
def test_a_file_that_is_cut_short_is_refused(tmp_path, kept):
    path = onnx_graphs.save(tmp_path / "a.onnx")
    path.write_bytes(path.read_bytes()[:kept])

    assert refusal(path).code in {"checkpoint_truncated", "checkpoint_not_onnx", "onnx_unusable"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "a PNG image"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a git-lfs pointer"),
        (b"PK\x03\x04" + bytes(50), "it looks like"),
        (bytes(100), "it looks like"),
    ],
)
def test_another_kind_of_file_is_called_by_its_name(tmp_path, content, words):
    (tmp_path / "a.onnx").write_bytes(content)
    problem = refusal(tmp_path / "a.onnx")

    assert problem.code == "checkpoint_not_onnx"
    assert words in problem.message


def test_an_empty_file_and_a_folder_are_refused(tmp_path):
    (tmp_path / "a.onnx").touch()
    (tmp_path / "b.onnx").mkdir()

    assert refusal(tmp_path / "a.onnx").code == "checkpoint_empty"
    assert refusal(tmp_path / "b.onnx").code == "checkpoint_unreadable"
    assert refusal(tmp_path / "none.onnx").code == "checkpoint_unreadable"


def test_weights_in_another_file_are_not_looked_for(tmp_path):
    problem = refusal(onnx_graphs.with_weights_elsewhere(tmp_path / "a.onnx"))

    assert problem.code == "onnx_external_data"
    assert "'weights.data'" in problem.message


def test_weights_in_another_file_are_found_inside_branches_too(tmp_path):
    inner = onnx_graphs.model().graph
    inner.initializer[0].data_location = TensorProto.EXTERNAL
    inner.initializer[0].external_data.add(key="location", value="/etc/hostname")
    del inner.input[:]
    branch = helper.make_node("If", ["yes"], ["logits"], then_branch=inner, else_branch=inner)
    path = onnx_graphs.save(tmp_path / "a.onnx", nodes=(branch,))

    assert "'/etc/hostname'" in refusal(path).message


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"inputs": (IMAGES, SECOND)}, "onnx_inputs", "2 inputs: 'images' [batch, 3, height"),
        (of_shape("batch", 1, SIDE, SIDE), "onnx_inputs", "[batch, 1, 16, 16]"),
        (of_shape("batch", SIDE, SIDE, 3), "onnx_inputs", "[batch, 16, 16, 3]"),
        (of_shape("batch", 3, 16, 24), "onnx_inputs", "[batch, 3, 16, 24]"),
        (of_shape("batch", 3, SIDE), "onnx_inputs", "[batch, 3, 16]"),
        (of_shape(10**6, 3, SIDE, SIDE), "onnx_inputs", "1000000 images at a time"),
        ({"inputs": [("images", TensorProto.FLOAT16, IMAGES[2])]}, "onnx_unusable", "type"),
        (
            {
                "inputs": [("images", TensorProto.UINT8, IMAGES[2])],
                "nodes": (
                    helper.make_node("Cast", ["images"], ["as"], to=FLOAT),
                    helper.make_node("GlobalAveragePool", ["as"], ["pooled"]),
                    ROWS,
                    PRODUCT,
                ),
            },
            "onnx_inputs",
            "tensor(uint8)",
        ),
        (
            {"nodes": (MEANS, ROWS, PRODUCT, BESIDE), "outputs": (LOGITS, ("shares", *LOGITS[1:]))},
            "onnx_outputs",
            "2 outputs: 'logits' [batch, 2], 'shares'",
        ),
        (
            {
                **then("Cast", to=TensorProto.DOUBLE),
                "outputs": [("logits", TensorProto.DOUBLE, ("batch", 2))],
            },
            "onnx_outputs",
            "tensor(double)",
        ),
        (
            {"classes": 1, "outputs": [("logits", FLOAT, ("batch", 1))]},
            "onnx_unfit",
            "shape [3, 1]",
        ),
        (
            {"nodes": (MEANS,), "outputs": [("pooled", FLOAT, ("batch", 3, 1, 1))]},
            "onnx_unfit",
            "shape [3, 3, 1, 1]",
        ),
        (then("Softmax", axis=1), "onnx_probabilities", "before the softmax"),
        (then("LayerNormalizationOfMyOwn"), "onnx_unusable", "LayerNormalizationOfMyOwn"),
        (
            {"nodes": (MEANS, ROWS, helper.make_node("MatMul", ["features", "gone"], ["logits"]))},
            "onnx_unusable",
            "gone",
        ),
        ({"nodes": ()}, "checkpoint_not_onnx", "no operators"),
    ],
)
def test_a_graph_that_cannot_teach_says_why(tmp_path, changes, code, words):
    problem = refusal(onnx_graphs.save(tmp_path / "a.onnx", **changes))

    assert (problem.code, words in problem.message) == (code, True), problem.message


def test_an_export_in_training_mode_is_noticed(tmp_path):
    """Its answers depend on what is beside an image."""
    product = helper.make_node("MatMul", ["features", "weight"], ["product"])
    beside = helper.make_node("Softmax", ["product"], ["logits"], axis=0)
    path = onnx_graphs.save(tmp_path / "a.onnx", nodes=(MEANS, ROWS, product, beside))

    assert refusal(path).code == "onnx_in_training"


def test_a_graph_that_says_any_number_of_images_and_takes_one_is_noticed(tmp_path):
    shape = helper.make_node("Constant", [], ["shape"], value_ints=[1, 3])
    rows = helper.make_node("Reshape", ["pooled", "shape"], ["features"])
    path = onnx_graphs.save(tmp_path / "a.onnx", nodes=(MEANS, shape, rows, PRODUCT))
    problem = refusal(path)

    assert problem.code == "onnx_unfit"
    assert "3 images of 16x16" in problem.message


def test_a_name_that_is_not_printable_is_not_printed(tmp_path):
    odd = ("images\x1b[2J", FLOAT, IMAGES[2])
    nodes = (helper.make_node("GlobalAveragePool", [odd[0]], ["pooled"]), ROWS, PRODUCT)
    problem = refusal(onnx_graphs.save(tmp_path / "a.onnx", nodes=nodes, inputs=(odd, SECOND)))

    assert "\x1b" not in problem.message
