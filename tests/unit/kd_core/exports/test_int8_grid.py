"""What is tried on the way to int8, what is kept of it, and what is told."""

import json

import onnx
import pytest
import torch
from onnx import helper, numpy_helper
from torch import nn

from kd_core.errors import Stopped
from kd_core.exports import int8_graph, int8_grid
from kd_core.exports.int8_grid import Tried, grid
from kd_core.exports.proof import Glance
from kd_core.exports.refusal import Unexportable
from kd_core.models.onnx.quantising import Int8Recipe
from tests.support import onnx_graphs
from tests.support.int8_students import student, workshop
from tests.support.small_runs import stripes

CONVOLUTIONS = (nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A folder with a graph that was chosen, and the grid that it was chosen from."""
    folder = tmp_path_factory.mktemp("int8")
    given = workshop(student(), folder)
    int8_graph.write(given, folder)
    return folder, int8_graph.prove(given, folder / "student_int8.onnx").grid


def test_each_calibration_is_tried_with_and_without_channels_and_ends():
    recipes = list(grid(onnx_graphs.model()))

    assert {"minmax", "percentile", "entropy"} == {one.calibration for one in recipes}
    assert {True, False} == {one.per_channel for one in recipes}
    assert {True, False} == {one.ends_in_float for one in recipes}
    assert ["all"] * 7 + ["products"] == [one.operators for one in recipes]


@pytest.mark.parametrize("operator", ["LayerNormalization", "Softmax", "GroupNormalization"])
def test_where_activations_are_scaled_on_the_way_only_weights_become_int8(operator):
    graph = onnx_graphs.model((*onnx_graphs.USUAL, helper.make_node(operator, ["x"], ["y"])))

    assert {"weights"} == {one.operators for one in grid(graph)}


def test_the_kept_one_agrees_the_most_with_the_student(whole):
    _, told = whole

    assert max(one.agreement_student for one in told.tries) == told.best.agreement_student
    assert (60, 20, 8) == (told.samples, told.calibrated_on, len(told.tries))
    assert all(one.reason is None and one.latency_ms_p50 > 0 for one in told.tries)
    assert f"{told.best.agreement_student:.2%} of 60 validation images" in told.why


def tried(agreement, size):
    glance = Glance(60, None, agreement, torch.zeros(1))
    return Tried(Int8Recipe("minmax", "all"), size, glance)


def test_of_two_that_agree_alike_the_smaller_is_kept():
    ranked = sorted([tried(0.9, 10), tried(0.95, 30), tried(0.95, 20)], key=lambda one: one.rank)

    assert [10, 30, 20] == [one.size_bytes for one in ranked]


def test_only_the_kept_one_is_left_and_it_says_how_it_was_made(whole):
    folder, told = whole
    kept = onnx.load(folder / "student_int8.onnx")
    known = {one.key: one.value for one in kept.metadata_props}

    assert ["student_int8.onnx"] == [path.name for path in folder.iterdir() if path.is_file()]
    assert (folder / "student_int8.onnx").stat().st_size / 10**6 == told.best.size_mb
    assert told.best.model_dump(include=json.loads(known["quantised_by"]).keys()) == json.loads(
        known["quantised_by"]
    )
    assert ["across", "down"] == json.loads(known["class_names"])
    assert {"DequantizeLinear", "QuantizeLinear"} <= {node.op_type for node in kept.graph.node}
    assert ["images"] == [one.name for one in kept.graph.input]


def test_the_same_student_becomes_the_same_bytes(whole, tmp_path):
    int8_graph.write(workshop(student(), tmp_path), tmp_path)

    same = (whole[0] / "student_int8.onnx").read_bytes()
    assert same == (tmp_path / "student_int8.onnx").read_bytes()


def test_ranges_are_those_of_training_images(tmp_path):
    dark = stripes(20)[0] // 4
    int8_graph.write(workshop(student(), tmp_path, training_images=dark), tmp_path)
    graph = onnx.load(tmp_path / "student_int8.onnx").graph
    constants = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    of_images = [node for node in graph.node if node.input[0] == "images"]

    assert "QuantizeLinear" == of_images[0].op_type
    # From the darkest pixel, scaled, to the zero that every range has in it.
    assert constants[of_images[0].input[1]] * 255 == pytest.approx(1 - 2 * dark.min() / 255, 0.02)


def test_where_nothing_would_be_left_in_int8_that_recipe_is_told_with_its_reason(tmp_path):
    few = student(*CONVOLUTIONS, nn.Linear(8, 2))
    told = int8_grid.choose(workshop(few, tmp_path, labelled=False), tmp_path / "kept.onnx")
    refused = [one for one in told.tries if one.reason]

    assert {True} == {one.ends_in_float for one in refused}
    assert {"it has no product with weights but the first and the last"} == {
        one.reason for one in refused
    }
    assert {None} == {one.agreement_student for one in refused} == {one.top1 for one in told.tries}
    assert not told.best.ends_in_float


def test_a_network_without_weights_to_round_has_its_reason(tmp_path):
    pools = student(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Softmax(dim=1))

    with pytest.raises(Unexportable, match="no convolution and no product with weights"):
        int8_graph.write(workshop(pools, tmp_path), tmp_path)
    assert [] == list(tmp_path.iterdir())


def test_it_can_be_stopped_between_two_recipes(tmp_path):
    looks = iter(range(6))

    def stop():
        if next(looks, None) is None:
            raise Stopped("enough")

    with pytest.raises(Stopped):
        int8_graph.write(workshop(student(), tmp_path, between=stop), tmp_path)
    assert not (tmp_path / "notes").exists()


@pytest.mark.parametrize("change", ["file", "notes", "no notes"])
def test_a_file_without_its_own_grid_is_not_what_it_should_be(whole, tmp_path, change):
    file, notes = tmp_path / "student_int8.onnx", tmp_path / "notes/student.json"
    notes.parent.mkdir()
    file.write_bytes((whole[0] / file.name).read_bytes() + b" " * (change == "file"))
    noted = (whole[0] / "notes/student.json").read_bytes()
    if change != "no notes":
        notes.write_bytes(noted[: len(noted) // (2 if change == "notes" else 1)])

    with pytest.raises(Unexportable):
        int8_graph.prove(workshop(student(), tmp_path), file)
