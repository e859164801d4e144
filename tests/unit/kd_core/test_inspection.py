"""What can be known of a model or a data set before a job."""

import json

import numpy as np
import onnx
import pytest
import safetensors.torch
import timm
import torch

from kd_core.inspection import main
from tests.support import onnx_graphs
from tests.support.onnx_graphs import of_shape, then
from tests.support.small_runs import small_data, stripes

WHOLE = onnx_graphs.model().SerializeToString()


@pytest.fixture
def inspect(capsys):
    def run(*arguments):
        assert main([str(argument) for argument in arguments]) == 0
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def model(tmp_path):
    network = timm.create_model("test_efficientnet", num_classes=7)
    safetensors.torch.save_file(network.state_dict(), tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors"


def test_a_model_has_its_classes_and_parameters(inspect, model):
    facts = inspect("model", model, "test_efficientnet")["facts"]

    assert (7, "test_efficientnet") == (facts["classes"], facts["architecture"])
    assert facts["parameters"] > 1000


def test_a_network_of_another_image_size_is_known_by_it(inspect, tmp_path):
    network = timm.create_model("test_vit", num_classes=3, img_size=32)
    safetensors.torch.save_file(network.state_dict(), tmp_path / "vit.safetensors")

    refused = inspect("model", tmp_path / "vit.safetensors", "test_vit")
    known = inspect("model", tmp_path / "vit.safetensors", "test_vit", "--image-size", 32)

    assert "pos_embed" in refused["problems"][0]["message"]
    assert known["facts"]["image_size"] == 32


def test_whether_a_network_takes_one_size_alone_is_known(inspect, model, tmp_path):
    network = timm.create_model("test_vit", num_classes=3, img_size=32)
    safetensors.torch.save_file(network.state_dict(), tmp_path / "vit.safetensors")
    fixed = inspect("model", tmp_path / "vit.safetensors", "test_vit", "--image-size", 32)

    assert fixed["facts"]["fixed_image_size"] is True
    assert inspect("model", model, "test_efficientnet")["facts"]["fixed_image_size"] is False


def test_what_the_weights_were_wrapped_in_is_said(inspect, model, tmp_path):
    tensors = safetensors.torch.load_file(model)
    wrapped = {f"module.{name}": tensor for name, tensor in tensors.items()}
    safetensors.torch.save_file(wrapped, tmp_path / "wrapped.safetensors")
    facts = inspect("model", tmp_path / "wrapped.safetensors", "test_efficientnet")["facts"]

    assert facts["warnings"] == ["the weights were prefix module. removed"]
    assert inspect("model", model, "test_efficientnet")["facts"]["warnings"] == []


def test_a_network_of_the_papers_is_known(inspect, tmp_path):
    network = timm.create_model("mobilenetv2_half_cifar", num_classes=10)
    safetensors.torch.save_file(network.state_dict(), tmp_path / "half.safetensors")
    facts = inspect("model", tmp_path / "half.safetensors", "mobilenetv2_half_cifar")["facts"]

    assert (facts["classes"], facts["image_size"]) == (10, 32)


def test_another_architecture_is_a_problem_with_the_way_out(inspect, model):
    problem = inspect("model", model, "resnet18")["problems"][0]

    assert problem["pointer"] == "/upload"
    assert "architecture" in problem["hint"]


def test_an_architecture_that_timm_lacks_is_a_problem_too(inspect, model):
    problem = inspect("model", model, "resnt18")["problems"][0]

    assert problem["pointer"] == "/architecture"
    assert "resnet18" in problem["hint"]


def test_a_network_with_two_heads_has_its_classes(inspect, tmp_path):
    name = "deit_tiny_distilled_patch16_224"
    network = timm.create_model(name, num_classes=7)
    safetensors.torch.save_file(network.state_dict(), tmp_path / "deit.safetensors")

    assert inspect("model", tmp_path / "deit.safetensors", name)["facts"]["classes"] == 7


def test_a_pickle_is_refused_where_pickles_are_not_allowed(inspect, tmp_path):
    torch.save({"a": torch.zeros(1)}, tmp_path / "model.pt")
    problem = inspect("model", tmp_path / "model.pt", "resnet18", "--no-torch-checkpoints")

    assert problem["problems"][0]["code"] == "torch_checkpoint_not_allowed"


def test_a_graph_has_its_classes_and_what_it_says_of_itself(inspect, tmp_path):
    made = onnx_graphs.model()
    onnx.helper.set_model_props(made, {"note": "a\x1b[31m", "long": "x" * 2000})
    onnx.save(made, tmp_path / "a.onnx")
    facts = inspect("graph", tmp_path / "a.onnx")["facts"]

    assert ("onnx", 2, 20, "tests") == tuple(
        facts[name] for name in ("format", "classes", "opset", "producer")
    )
    assert (224, False, None) == tuple(
        facts[name] for name in ("image_size", "fixed_image_size", "fixed_batch")
    )
    assert {"note": "a\\x1b[31m", "long": "x" * 1000 + "..."} == facts["metadata"]
    assert "architecture" not in facts


def test_a_graph_for_one_side_is_known_by_it(inspect, tmp_path):
    path = onnx_graphs.save(tmp_path / "a.onnx", **of_shape(4, 3, 24, 24))
    facts = inspect("graph", path)["facts"]
    (problem,) = inspect("graph", path, "--image-size", 32)["problems"]

    assert (24, True, 4) == (facts["image_size"], facts["fixed_image_size"], facts["fixed_batch"])
    assert ("/image_size", "image_size_differs") == (problem["pointer"], problem["code"])


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (onnx_graphs.with_weights_elsewhere, "onnx_external_data"),
        (lambda to: onnx_graphs.save(to, **then("Softmax")), "onnx_probabilities"),
        (lambda to: onnx_graphs.save(to, **of_shape("n", 1, 8, 8)), "onnx_inputs"),
        (lambda to: to.write_bytes(WHOLE[:-9]), "checkpoint_truncated"),
        (lambda to: to.write_bytes(b"not a graph"), "checkpoint_not_onnx"),
    ],
)
def test_a_graph_that_cannot_teach_is_a_problem(inspect, tmp_path, make, code):
    make(tmp_path / "a.onnx")
    (problem,) = inspect("graph", tmp_path / "a.onnx")["problems"]

    assert ("/upload", code) == (problem["pointer"], problem["code"])


def test_a_data_set_has_its_classes_and_counts(inspect, tmp_path):
    facts = inspect("dataset", small_data(tmp_path / "data.npz", count=20))["facts"]

    report = facts.pop("report")
    assert {"train": [8, 8], "validation": [2, 2]} == report["class_counts"]
    assert facts == {
        "classes": 2,
        "class_names": ["0", "1"],
        "samples": 20,
        "train": 16,
        "validation": 4,
        "test": 0,
        "labelled": True,
        "warnings": [],
    }


def test_unlabelled_data_is_known_as_such(inspect, tmp_path):
    path = small_data(tmp_path / "data.npz", labelled=False)

    assert inspect("dataset", path)["problems"][0]["code"] == "data_has_no_labels"
    assert inspect("dataset", path, "--unlabelled")["facts"]["labelled"] is False


def test_a_report_of_the_data_is_among_the_facts(inspect, tmp_path):
    images, labels = stripes(20)
    np.savez(
        tmp_path / "data.npz",
        train_images=images, train_labels=labels, val_images=images[:4], val_labels=labels[:4],
        test_images=images[4:6], test_labels=labels[4:6],
    )  # fmt: skip

    facts = inspect("dataset", tmp_path / "data.npz")["facts"]

    assert (20, 4, 2) == (facts["train"], facts["validation"], facts["test"])
    report = facts["report"]
    assert {"train": 20, "validation": 4, "test": 2} == report["samples"]
    assert {"min": 16, "median": 16, "max": 16} == report["width"]
    assert (4, 2) == (report["leaks"]["validation"]["count"], report["leaks"]["test"]["count"])
    assert ["val_images[0]", "train_images[0]"] == report["leaks"]["validation"]["examples"][0]
    assert "the validation split says less than it seems (4)" in facts["warnings"][0]


def test_a_damaged_data_set_is_a_problem(inspect, tmp_path):
    np.savez(tmp_path / "data.npz", images=np.zeros((4, 8, 8), np.float32))

    assert "problems" in inspect("dataset", tmp_path / "data.npz")
