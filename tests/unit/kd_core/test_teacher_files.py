"""Teachers as they are brought: folders for timm, classes in their own order, more of them."""

from __future__ import annotations

import json

import pytest
import safetensors.torch
import torch

import kd_core
from kd_core.errors import KdError, ModelInvalid, SpecInvalid, Stopped, WorkdirInvalid
from kd_core.events import Warned
from kd_core.spec import parse_spec
from tests.support.small_runs import WITH_TEACHER, save_teacher, small_data, small_spec

NAMES = ["across", "down"]
STUDENT = "artifacts/safetensors"


def spec(names=NAMES, **teacher):
    given = {
        key: value
        for key, value in (WITH_TEACHER["teacher"] | teacher).items()
        if value is not None
    }
    document = small_spec(teacher=given, loss=[{"kind": "kd"}])
    data = document["data"] | ({"class_names": names} if names else {})
    return document | {"data": data, "recipe": document["recipe"] | {"epochs": 1}}


def run(document, folder, **options):
    seen = []
    report = kd_core.distill(document, folder, lambda event: seen.append(event.data), **options)
    return report, {event.code: event for event in seen if isinstance(event, Warned)}


def weights(folder):
    state = safetensors.torch.load_file(folder / STUDENT / "model.safetensors")
    return torch.cat([at.flatten().double() for at in state.values()])


def rearranged(source, target, rows):
    """The same teacher, its last layer with these rows; the ones that it lacks are new."""
    state = safetensors.torch.load_file(source)
    for name in ("classifier.weight", "classifier.bias"):
        more = torch.cat([state[name], torch.ones_like(state[name])])
        state[name] = more[list(rows)].contiguous()
    safetensors.torch.save_file(state, target)


@pytest.fixture
def teacher(here):
    save_teacher(here / "teacher.safetensors")
    return here


@pytest.mark.parametrize(
    ("rows", "changes"),
    [
        ([1, 0], {"class_names": ["down", "across"]}),
        (
            [2, 1, 3, 0],
            {"class_names": ["x", "down", "y", "across"], "class_map": {"down": "down"}},
        ),
        ([1, 0], {"class_names": ["v", "h"], "class_map": {"down": "v", "across": "h"}}),
    ],
    ids=["another order", "more classes", "other names"],
)
def test_a_student_learns_the_same_whatever_order_its_teacher_s_classes_have(
    teacher, rows, changes
):
    rearranged(teacher / "teacher.safetensors", teacher / "other.safetensors", rows)
    plain, _ = run(spec(class_names=NAMES), teacher / "plain")
    other, said = run(spec(checkpoint="file:other.safetensors", **changes), teacher / "other")

    assert plain.teacher.top1 == other.teacher.top1
    torch.testing.assert_close(weights(teacher / "other"), weights(teacher / "plain"))
    assert "by name" in said["classes_reordered"].message
    assert ("2 that only the teacher has" in said["classes_reordered"].message) == (len(rows) > 2)


def test_recorded_answers_are_those_of_the_data_s_classes(teacher):
    rearranged(teacher / "teacher.safetensors", teacher / "other.safetensors", [1, 0])
    document = spec(checkpoint="file:other.safetensors", class_names=["down", "across"])
    run(document, teacher / "online")
    document["recipe"] = document["recipe"] | {"teacher_cache": {"rows": "fp32"}}
    run(document, teacher / "recorded")

    torch.testing.assert_close(
        weights(teacher / "recorded"), weights(teacher / "online"), rtol=1e-5, atol=1e-6
    )


def test_the_folder_of_a_run_is_a_teacher_that_describes_itself(here):
    first = small_spec(student={"architecture": "test_resnet", "mean": [0.1] * 3, "image_size": 24})
    first["data"] = first["data"] | {"class_names": NAMES}
    kd_core.distill(first, here / "first")
    taught = spec(
        ["down", "across"], architecture=None, checkpoint=f"file:first/{STUDENT}", force=True
    )
    report, said = run(taught, here / "second")
    record = json.loads((here / "second/run.json").read_text())

    assert report.teacher.parameters == kd_core.distill(first, here / "first").student.parameters
    assert "classes_reordered" in said
    assert len(record["inputs"]["teacher.config"]) == 64


def test_only_one_side_with_names_is_taken_as_it_stands_and_said(here):
    save_teacher(here / "teacher.safetensors")
    _, said = run(spec(None, class_names=["down", "across"]), here / "out")

    assert "in the order in which they stand" in said["classes_by_place"].message


def refusal(document, folder, kind=ModelInvalid):
    with pytest.raises(kind) as refused:
        run(document, folder)
    assert not folder.exists()
    return refused.value.problems[0]


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"class_names": ["across", "up"]}, "/teacher/class_map", "classes_differ"),
        ({"class_names": ["across", "down", "up"]}, "/teacher/class_names", "class_count_differs"),
        ({"class_map": {"up": "down"}}, "/teacher/class_map", "classes_unnamed"),
        (
            {"class_names": ["across", "v"], "class_map": {"down": "vv"}},
            "/teacher/class_map/down",
            "unknown_class",
        ),
        ({"checkpoint": "file:.", "architecture": None}, "/teacher/checkpoint", "not_a_source"),
        ({"checkpoint": "file:folder"}, "/teacher/checkpoint", "not_a_timm_folder"),
    ],
)
def test_what_is_not_clear_is_refused_before_training(teacher, changes, pointer, code):
    (teacher / "folder").mkdir()
    problem = refusal(spec(**changes), teacher / "out", KdError)

    assert (problem.pointer, problem.code) == (pointer, code)


def test_a_file_without_a_known_ending_needs_an_architecture(teacher):
    (teacher / "teacher.safetensors").rename(teacher / "weights")
    problem = refusal(spec(checkpoint="file:weights", architecture=None), teacher / "out")

    assert (problem.pointer, problem.code) == ("/teacher/architecture", "missing_key")


def test_a_map_for_data_without_names_asks_for_them(here):
    small_data(here / "data.npz", labelled=False)
    save_teacher(here / "teacher.safetensors")
    document = spec(None, class_names=NAMES, class_map={"a": "down"})
    document["data"]["unlabelled"] = True

    assert "data.class_names" in refusal(document, here / "out").hint


def test_a_resume_beside_another_config_is_refused(here):
    first = small_spec()
    kd_core.distill(first, here / "first")
    taught = spec(None, architecture=None, checkpoint=f"file:first/{STUDENT}")
    asked = iter([False] * 6)
    with pytest.raises(Stopped):
        run(taught, here / "out", should_stop=lambda: next(asked, True))
    config = here / "first" / STUDENT / "config.json"
    config.write_text(config.read_text() + "\n")

    with pytest.raises(WorkdirInvalid, match=r"the teacher\.config changed"):
        run(taught, here / "out")


@pytest.mark.parametrize(
    ("teacher", "pointer", "code"),
    [
        ({"checkpoint": "file:a.safetensors"}, "/teacher/architecture", "missing_key"),
        ({"recipe": {}}, "/teacher/architecture", "missing_key"),
        ({"checkpoint": "file:a", "class_names": ["a", "a"]}, "/teacher/class_names", None),
        ({"checkpoint": "file:a", "class_names": ["a"]}, "/teacher/class_names", "out_of_range"),
        ({"checkpoint": "file:a", "class_map": {"a": 1}}, "/teacher/class_map/a", "wrong_type"),
        ({"checkpoint": "file:a", "class_map": ["a"]}, "/teacher/class_map", "wrong_type"),
        (
            {"architecture": "resnet18", "recipe": {}, "class_map": {}},
            "/teacher/class_map",
            "only_for_checkpoints",
        ),
        (
            {"architecture": "resnet18", "recipe": {}, "class_names": NAMES},
            "/teacher/class_names",
            "only_for_checkpoints",
        ),
    ],
)
def test_a_mistake_about_classes_is_answered_at_its_place(teacher, pointer, code):
    with pytest.raises(SpecInvalid) as refused:
        parse_spec(small_spec(teacher=teacher))
    problem = refused.value.problems[0]

    assert (problem.pointer, problem.code) == (pointer, code or "class_names_repeat")
