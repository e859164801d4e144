"""A teacher that is an ONNX file: it teaches as its network does, or says why not."""

from __future__ import annotations

import json
import shutil

import onnx
import pytest
import safetensors.torch
import torch

import kd_core
from kd_core.errors import KdError, ModelInvalid, SpecInvalid, Stopped, WorkdirInvalid
from kd_core.events import Chosen, TeacherMeasured
from kd_core.losses.catalog import LOSSES
from kd_core.losses.declaration import Needs
from kd_core.models.build import Plan
from kd_core.models.onnx.export import exported
from kd_core.report import Report
from kd_core.spec import parse_spec
from kd_core.spec.models import Network
from tests.support import onnx_graphs
from tests.support.onnx_graphs import FLOAT, of_shape
from tests.support.small_runs import SIDE, WITH_TEACHER, save_teacher, small_data, small_spec

MEAN, STD = [0.4] * 3, [0.3] * 3
WHAT_A_GRAPH_GIVES = Needs.LOGITS | Needs.LABELS | Needs.WHOLE_BATCH


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """One network as weights and as an ONNX graph, and data."""
    folder = tmp_path_factory.mktemp("sources")
    small_data(folder / "data.npz")
    save_teacher(folder / "teacher.safetensors")
    plan = Plan.of(Network(architecture="test_efficientnet", mean=MEAN, std=STD), 2, SIDE)
    network = plan.build("/teacher")
    network.load_state_dict(safetensors.torch.load_file(folder / "teacher.safetensors"))
    onnx.save(exported(network, SIDE), folder / "teacher.onnx")
    return folder


def spec(sources, name="teacher.onnx", loss="kd", recipe=(), **teacher):
    own = {"checkpoint": f"file:{sources / name}", "mean": MEAN, "std": STD, "force": True}
    document = small_spec(teacher=own | teacher, loss=loss)
    data = document["data"] | {"dataset": f"file:{sources / 'data.npz'}"}
    return document | {"data": data, "recipe": document["recipe"] | dict(recipe)}


def run(document, folder, **options):
    seen = []
    report = kd_core.distill(document, folder, lambda event: seen.append(event.data), **options)
    return report, seen


def refusal(document, folder, kind=ModelInvalid):
    with pytest.raises(kind) as refused:
        run(document, folder)
    assert not (folder / "run.json").exists()
    (problem,) = refused.value.problems
    return problem


def shipped(folder):
    return safetensors.torch.load_file(folder / "artifacts/safetensors/model.safetensors")


def test_a_graph_teaches_what_the_network_that_it_was_made_of_teaches(sources, tmp_path):
    weights = spec(sources, "teacher.safetensors", architecture="test_efficientnet")
    graph, _ = run(spec(sources), tmp_path / "graph")
    network, _ = run(weights, tmp_path / "network")
    ours, theirs = shipped(tmp_path / "graph"), shipped(tmp_path / "network")

    assert graph.teacher.top1 == network.teacher.top1
    for name, tensor in theirs.items():
        torch.testing.assert_close(ours[name], tensor, rtol=1e-3, atol=1e-4)


def test_what_a_graph_costs_is_told_as_far_as_it_is_known(sources, tmp_path):
    report, seen = run(spec(sources), tmp_path / "out")
    teacher = json.loads((tmp_path / "out/report.json").read_text())["teacher"]

    assert teacher["size_mb"] == (sources / "teacher.onnx").stat().st_size / 1e6
    assert teacher["latency_ms_p50"] > 0
    assert "parameters" not in teacher
    assert "macs" not in teacher
    assert Report.parse(report.as_json()) == report
    assert ["teacher"] == [at.name for at in seen if isinstance(at, TeacherMeasured)]


def test_a_resumed_run_ends_in_the_bits_of_one_that_was_not_stopped(sources, tmp_path):
    run(spec(sources), tmp_path / "whole")
    looks = iter(range(9))
    with pytest.raises(Stopped):
        run(spec(sources), tmp_path / "out", should_stop=lambda: next(looks, None) is None)
    run(spec(sources), tmp_path / "out")
    whole, resumed = shipped(tmp_path / "whole"), shipped(tmp_path / "out")

    assert all(torch.equal(tensor, resumed[name]) for name, tensor in whole.items())


def test_a_resume_beside_another_graph_is_refused(sources, tmp_path):
    shutil.copy(sources / "teacher.onnx", tmp_path / "teacher.onnx")
    document = spec(sources, tmp_path / "teacher.onnx")
    looks = iter(range(9))
    with pytest.raises(Stopped):
        run(document, tmp_path / "out", should_stop=lambda: next(looks, None) is None)
    onnx_graphs.save(tmp_path / "teacher.onnx")
    with pytest.raises(WorkdirInvalid, match="the teacher changed"):
        run(document, tmp_path / "out")


@pytest.mark.parametrize("precision", ["auto", "fp32"])
def test_a_graph_answers_in_the_numbers_that_it_was_exported_in(sources, tmp_path, precision):
    report, seen = run(spec(sources, recipe={"teacher_precision": precision}), tmp_path / "out")

    assert report.chosen == {}
    assert [] == [at for at in seen if isinstance(at, Chosen)]


def test_the_answers_of_a_graph_are_recorded_as_others_are(sources, tmp_path):
    cached = {"teacher_cache": {"views": 1, "rows": "fp32"}}
    run(spec(sources, recipe=cached), tmp_path / "out")

    assert list((tmp_path / "out/teacher_answers").iterdir())


def test_a_graph_is_one_of_several_teachers(sources, tmp_path):
    weights = WITH_TEACHER["teacher"] | {"checkpoint": f"file:{sources / 'teacher.safetensors'}"}
    document = spec(sources)
    both = [document.pop("teacher"), weights]
    report, _ = run(document | {"teachers": both}, tmp_path / "out")

    assert ["onnx", "test_efficientnet"] == [at.architecture for at in report.teachers]
    assert [True, False] == [at.parameters is None for at in report.teachers]
    assert report.teacher.parameters is None
    assert report.teacher.size_mb == sum(at.size_mb for at in report.teachers)


def test_its_classes_are_matched_by_name_and_narrowed(sources, tmp_path):
    outputs = [("logits", FLOAT, ("batch", 3))]
    onnx_graphs.save(tmp_path / "three.onnx", classes=3, outputs=outputs)
    names = {"class_names": ["down", "else", "across"], "class_map": {}}
    document = spec(sources, tmp_path / "three.onnx", **names)
    document["data"]["class_names"] = ["across", "down"]
    run(document, tmp_path / "out")

    assert (tmp_path / "out/report.json").exists()


def test_a_graph_for_one_side_shows_itself_that_side(sources, tmp_path):
    onnx_graphs.save(tmp_path / "a.onnx", **of_shape(4, 3, 24, 24))
    run(spec(sources, tmp_path / "a.onnx"), tmp_path / "out")
    problem = refusal(spec(sources, tmp_path / "a.onnx", image_size=32), tmp_path / "other")

    assert (problem.pointer, problem.code) == ("/teacher/image_size", "image_size_differs")


def test_a_graph_of_other_classes_is_refused_with_both_numbers(sources, tmp_path):
    outputs = [("logits", FLOAT, ("batch", 5))]
    onnx_graphs.save(tmp_path / "five.onnx", classes=5, outputs=outputs)
    problem = refusal(spec(sources, tmp_path / "five.onnx"), tmp_path / "out")

    assert problem.message == "the graph answers for 5 classes, and the data has 2"
    assert (problem.pointer, problem.code) == ("/teacher/checkpoint", "class_count_differs")


def test_names_for_other_classes_are_refused(sources, tmp_path):
    problem = refusal(spec(sources, class_names=["a", "b", "c"]), tmp_path / "out")

    assert (problem.pointer, problem.code) == ("/teacher/class_names", "class_count_differs")


def test_a_graph_that_cannot_be_run_is_refused_before_the_run_begins(sources, tmp_path):
    onnx_graphs.with_weights_elsewhere(tmp_path / "a.onnx")
    problem = refusal(spec(sources, tmp_path / "a.onnx"), tmp_path / "out", KdError)

    assert (problem.pointer, problem.code) == ("/teacher/checkpoint", "onnx_external_data")


def test_a_graph_under_another_name_is_recognised(sources, tmp_path):
    shutil.copy(sources / "teacher.onnx", tmp_path / "teacher.safetensors")
    named = spec(sources, tmp_path / "teacher.safetensors", architecture="test_efficientnet")

    assert "has to end in .onnx" in refusal(named, tmp_path / "out").message


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"architecture": "resnet18"}, "/teacher/architecture", "only_for_weights"),
        ({"mean": None}, "/teacher/mean", "missing_key"),
        ({"std": None}, "/teacher/std", "missing_key"),
        (
            {"recipe": {"teacher_precision": "int8"}},
            "/recipe/teacher_precision",
            "only_for_weights",
        ),
        (
            {"recipe": {"teacher_precision": "bf16"}},
            "/recipe/teacher_precision",
            "only_for_weights",
        ),
    ],
)
def test_what_does_not_go_with_a_graph_is_refused_at_submission(sources, changes, pointer, code):
    document = spec(sources, **changes)
    document["teacher"] = {k: at for k, at in document["teacher"].items() if at is not None}
    with pytest.raises(SpecInvalid) as refused:
        parse_spec(document)

    assert [(pointer, code)] == [(at.pointer, at.code) for at in refused.value.problems]


def test_every_loss_learns_from_what_a_graph_gives():
    """A graph has no features: a loss that needs some has to be refused beside one."""
    assert [] == [kind for kind, loss in LOSSES.items() if loss.needs not in WHAT_A_GRAPH_GIVES]
