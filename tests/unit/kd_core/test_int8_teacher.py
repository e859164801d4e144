"""A teacher that answers in int8: made once, held against itself, the same bits in every resume."""

from __future__ import annotations

import shutil

import pytest
import safetensors.torch
import torch

import kd_core
from kd_core.errors import Stopped, TeacherUnfit, WorkdirInvalid
from kd_core.events import Chosen
from kd_core.files import sha256_of
from kd_core.models.build import Plan
from kd_core.spec.document import Student
from tests.support.small_runs import (
    SIDE,
    WITH_TEACHER,
    save_teacher,
    small_data,
    small_spec,
    stripes,
)

LOOKS = 9  # at whether to stop, before a run is in the middle of its training


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sources")
    small_data(folder / "data.npz", count=40)
    save_teacher(folder / "teacher.safetensors")
    return folder


@pytest.fixture(scope="module")
def stopped(sources, tmp_path_factory):
    """A run that was stopped in the middle of its training."""
    folder = tmp_path_factory.mktemp("stopped") / "run"
    looks = iter(range(LOOKS))
    with pytest.raises(Stopped):
        distill(sources, folder, should_stop=lambda: next(looks, None) is None)
    return folder


def distill(sources, folder, *, seen=None, should_stop=lambda: False, **recipe):
    document = small_spec(**WITH_TEACHER)
    document["teacher"] = document["teacher"] | {
        "checkpoint": f"file:{sources / 'teacher.safetensors'}"
    }
    document["data"] = {"dataset": f"file:{sources / 'data.npz'}", "image_size": SIDE}
    document["recipe"] |= {"teacher_precision": "int8"} | recipe
    events = [] if seen is None else seen
    return kd_core.distill(
        document, folder, lambda event: events.append(event.data), should_stop=should_stop
    )


def save_brittle_teacher(path):
    """It looks where features hardly differ, so that any rounding is another answer."""
    torch.manual_seed(0)
    plan = Plan.of(Student(architecture="test_efficientnet"), 2, SIDE)
    network = plan.build("/teacher/architecture").eval()
    inputs = plan.inputs(torch.from_numpy(stripes(40)[0]))
    with torch.no_grad():
        features = network.forward_head(network.forward_features(inputs), pre_logits=True)
        _, spread, directions = torch.pca_lowrank(features, q=20, niter=8)
        weight = 20 * directions[:, -1] / spread[-1]
        network.classifier.weight.copy_(torch.stack([weight, -weight]))
        network.classifier.bias.copy_(-network.classifier.weight @ features.mean(dim=0))
    safetensors.torch.save_file(network.state_dict(), path)


def shipped(folder):
    return (folder / "artifacts/safetensors/model.safetensors").read_bytes()


def test_a_resumed_run_ends_in_the_bits_of_one_that_was_not_stopped(sources, stopped, tmp_path):
    seen = []
    whole = distill(sources, tmp_path / "whole", seen=seen)
    resumed = shutil.copytree(stopped, tmp_path / "resumed")
    report = distill(sources, resumed)

    assert ["int8"] == [at.value for at in seen if isinstance(at, Chosen)]
    assert shipped(tmp_path / "whole") == shipped(resumed)
    assert whole.chosen == report.chosen


def test_a_resume_answers_by_the_graph_that_was_kept(sources, stopped, tmp_path):
    folder, seen = shutil.copytree(stopped, tmp_path / "run"), []
    report = distill(sources, folder, seen=seen)

    assert [] == [at for at in seen if isinstance(at, Chosen)]
    assert {
        "teacher_precision": "int8",
        "teacher_int8": sha256_of(stopped / "int8/teacher.onnx"),
    } == report.chosen
    assert report.chosen["teacher_int8"] == sha256_of(folder / "int8/teacher.onnx")


@pytest.mark.parametrize("change", ["gone", "changed"])
def test_a_graph_that_is_not_the_one_that_was_kept_ends_the_run(change, sources, stopped, tmp_path):
    folder = shutil.copytree(stopped, tmp_path / "run")
    graph = folder / "int8/teacher.onnx"
    graph.unlink()
    if change == "changed":
        graph.write_bytes((stopped / "int8/teacher.onnx").read_bytes() + b" ")
    with pytest.raises(WorkdirInvalid, match="gone or changed") as caught:
        distill(sources, folder)

    assert caught.value.problems[0].code == "workdir_damaged"
    assert str(graph) == caught.value.problems[0].file


def test_a_teacher_that_does_not_hold_in_int8_is_refused_by_its_numbers(tmp_path):
    small_data(tmp_path / "data.npz", count=40)
    save_brittle_teacher(tmp_path / "teacher.safetensors")
    with pytest.raises(TeacherUnfit, match=r"in int8 .* divergence .*, agreement") as caught:
        distill(tmp_path, tmp_path / "out")

    assert caught.value.problems[0].code == "precision_unfit"
    assert "/recipe/teacher_precision" == caught.value.problems[0].pointer


def test_what_is_recorded_are_the_answers_in_int8(sources, tmp_path):
    cache = {"views": 1, "rows": "fp32"}
    for numbers in ("fp32", "int8"):
        distill(sources, tmp_path / numbers, teacher_precision=numbers, teacher_cache=cache)
    kept = [next((tmp_path / at / "teacher_answers").iterdir()) for at in ("fp32", "int8")]

    assert kept[0].name != kept[1].name
    assert (kept[0] / "rows.bin").read_bytes() != (kept[1] / "rows.bin").read_bytes()
