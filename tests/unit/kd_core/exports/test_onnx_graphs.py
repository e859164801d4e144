"""What a graph tells whoever loads it, and what it keeps to itself."""

import json
from typing import get_args

import onnx
import pytest
import timm
import torch

from kd_core.exports import onnx_graphs
from kd_core.exports.catalogue import FORMATS
from kd_core.exports.student import Student
from kd_core.models.build import Plan
from kd_core.spec.document import Student as StudentSpec
from kd_core.spec.export import ARTIFACTS, WEIGHTS, ExportFormat

NAMES = ("cat", "Hündin")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("graphs")
    torch.manual_seed(0)
    scale = {"mean": [0.1, 0.2, 0.3], "std": [0.4, 0.5, 0.6]}
    plan = Plan.of(StudentSpec(architecture="test_resnet", **scale), 2, 32)
    network = timm.create_model("test_resnet", num_classes=2).eval()
    onnx_graphs.write(Student(network, plan, NAMES), folder)
    return folder


@pytest.mark.parametrize(
    ("file", "layout", "shape"),
    [
        ("student.onnx", "NCHW", ["batch", 3, 32, 32]),
        ("student_uint8.onnx", "NHWC", ["batch", 32, 32, 3]),
    ],
)
def test_a_graph_says_what_it_takes_and_what_its_answers_mean(folder, file, layout, shape):
    model = onnx.load(folder / file)
    known = {one.key: one.value for one in model.metadata_props}
    dims = model.graph.input[0].type.tensor_type.shape.dim

    assert shape == [dim.dim_param or dim.dim_value for dim in dims]
    assert [layout, "32", "bicubic", "test_resnet"] == [
        known[key] for key in ("layout", "image_size", "interpolation", "architecture")
    ]
    assert list(NAMES) == json.loads(known["class_names"])
    assert [0.1, 0.2, 0.3] == json.loads(known["mean"])
    assert [0.4, 0.5, 0.6] == json.loads(known["std"])
    assert [known["opset"]] == [str(one.version) for one in model.opset_import]


@pytest.mark.parametrize("file", ["student.onnx", "student_uint8.onnx"])
def test_a_graph_says_nothing_of_the_machine_that_made_it(folder, file):
    data = (folder / file).read_bytes()

    assert b"site-packages" not in data
    assert b"stack_trace" not in data


def test_every_format_of_the_specification_can_be_made():
    assert set(get_args(ExportFormat)) == set(ARTIFACTS) == {WEIGHTS, *FORMATS}
