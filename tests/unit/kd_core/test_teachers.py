"""Several teachers: each examined by itself, the student taught by the mean of what they say."""

from __future__ import annotations

import json

import pytest
import safetensors.torch
import torch

import kd_core
from kd_core.errors import SpecInvalid, Stopped, TeacherUnfit, WorkdirInvalid
from kd_core.events import Chosen, PhaseChanged, TeacherMeasured, Warned
from kd_core.models.teacher import Ensemble, Teacher
from kd_core.report import Report
from kd_core.spec import parse_spec
from kd_core.spec.advice import advice
from tests.support.small_runs import save_teacher, small_spec
from tests.support.toys import PLAN, batches, network

STUDENT = "artifacts/safetensors/model.safetensors"
NAMES = ["across", "down"]


def one(file="a", **changes):
    given = {"architecture": "test_efficientnet", "checkpoint": f"file:{file}.safetensors"}
    return given | {"force": True} | changes


OTHER = one("b", architecture="test_resnet", image_size=24, mean=[0.1] * 3, weight=3)


def spec(teachers=None, loss="kd", **recipe):
    document = small_spec(teachers=teachers or [one(), OTHER], loss=loss)
    return document | {"recipe": document["recipe"] | recipe}


@pytest.fixture
def folder(here):
    save_teacher(here / "a.safetensors")
    save_teacher(here / "b.safetensors", architecture="test_resnet", seed=5)
    return here


def run(folder, document, **options):
    seen = []
    report = kd_core.distill(document, folder, lambda event: seen.append(event.data), **options)
    return report, seen


def weights(folder):
    state = safetensors.torch.load_file(folder / STUDENT)
    return torch.cat([at.flatten().double() for at in state.values()])


def stop_after(looks):
    asked = iter([False] * looks)
    return lambda: next(asked, True)


def test_the_answer_is_the_logarithm_of_the_weighted_mean_of_the_probabilities():
    members = [Teacher(network(seed), PLAN, str(seed)) for seed in (1, 2)]
    images = batches().images
    first, second = (member.logits(images).double().softmax(dim=1) for member in members)

    mean = Ensemble(members, [2, 6]).logits(images)
    torch.testing.assert_close(mean.double().exp(), 0.25 * first + 0.75 * second)


def test_an_ensemble_of_one_teacher_twice_says_what_the_teacher_says():
    teacher = Teacher(network(), PLAN, "digest")
    images = batches().images

    torch.testing.assert_close(
        Ensemble([teacher, teacher], [1, 1]).logits(images),
        teacher.logits(images).log_softmax(dim=1),
    )


def test_sure_teachers_far_apart_leave_numbers():
    sure = torch.tensor([[200.0, -200.0]])
    mean = Ensemble([Teacher(network(), PLAN, "")] * 2, [1, 1]).together([sure, -sure])

    torch.testing.assert_close(mean.exp(), torch.tensor([[0.5, 0.5]]))


def test_each_teacher_is_measured_by_itself_and_all_together(folder):
    report, seen = run(folder / "out", spec())
    measured = [at for at in seen if isinstance(at, TeacherMeasured)]
    phases = [at.phase for at in seen if isinstance(at, PhaseChanged)]

    assert [at.name for at in measured] == ["teachers.0", "teachers.1", "teachers"]
    assert [at.top1 for at in measured[:2]] == [at.top1 for at in report.teachers]
    assert measured[2].top1 == report.teacher.top1 == report.teacher_check.top1
    assert [at.top1 for at in measured[:2]] == [at.check.top1 for at in report.teachers]
    assert [at.floor for at in measured[:2]] == [at.check.floor for at in report.teachers]
    assert phases.count("teacher_eval") == 1


def test_the_report_has_each_teacher_and_what_all_of_them_cost(folder):
    report, _ = run(folder / "out", spec())
    document = json.loads((folder / "out/report.json").read_text())

    assert [at.architecture for at in report.teachers] == ["test_efficientnet", "test_resnet"]
    assert [at.share for at in report.teachers] == [0.25, 0.75]
    for cost in ("parameters", "macs", "size_mb", "latency_ms_p50"):
        parts = [getattr(at, cost) for at in report.teachers]
        assert getattr(report.teacher, cost) == pytest.approx(sum(parts))
    each = [1 / at.images_per_s for at in report.teachers]
    assert 1 / report.teacher.images_per_s == pytest.approx(sum(each))
    assert report.student.agreement_teacher is not None
    assert Report.parse(document) == report


def test_a_teacher_of_weight_next_to_nothing_says_nothing():
    first, second = (Teacher(network(seed), PLAN, str(seed)) for seed in (1, 2))
    images = batches().images

    torch.testing.assert_close(
        Ensemble([first, second], [1000, 1e-12]).logits(images),
        first.logits(images).log_softmax(dim=1),
    )


@pytest.mark.parametrize("looks", [0, 3, 5, 9])
def test_stopped_wherever_it_is_it_ends_in_the_same_bits(folder, looks):
    document = spec(ema=0.9, mix={"kind": "mixup"}, teacher_cache={"views": 2})
    document["loss"] = [{"kind": "ce"}, {"kind": "ctkd"}]
    run(folder / "whole", document)
    with pytest.raises(Stopped):
        run(folder / "parts", document, should_stop=stop_after(looks))
    run(folder / "parts", document)

    assert torch.equal(weights(folder / "whole"), weights(folder / "parts"))


def test_a_recorded_run_ends_where_one_beside_the_teachers_does(folder):
    save_teacher(folder / "c.safetensors", seed=9)
    pair = [one(), one("c", weight=2, mean=[0.3] * 3)]  # in any batch they answer to the last bit
    run(folder / "online", spec(pair))
    run(folder / "recorded", spec(pair, teacher_cache={"rows": "fp32"}))

    torch.testing.assert_close(
        weights(folder / "recorded"), weights(folder / "online"), rtol=1e-5, atol=1e-6
    )


def recording_of(folder, document, name):
    run(folder / name, document)
    (found,) = (folder / name / "teacher_answers").iterdir()
    return found.name


def test_a_recording_is_of_these_teachers_at_these_weights(folder):
    cached = {"teacher_cache": {}, "epochs": 1}
    keys = [
        recording_of(folder, spec(teachers, **cached), f"out{place}")
        for place, teachers in enumerate(
            [[one(), OTHER], [one(), OTHER | {"weight": 2}], [OTHER, one()], [one(), one()]]
        )
    ]

    assert len(set(keys)) == 4
    same = [one(weight=2), OTHER | {"weight": 6}]
    assert recording_of(folder, spec(same, **cached), "same") == keys[0]


def test_each_teacher_has_its_own_precision(folder):
    report, seen = run(folder / "out", spec(teacher_precision="bf16"))

    assert report.chosen == {"teachers.0.precision": "bf16", "teachers.1.precision": "bf16"}
    assert [at.name for at in seen if isinstance(at, Chosen)] == list(report.chosen)


def test_a_precision_that_does_not_hold_names_the_teacher(folder):
    state = safetensors.torch.load_file(folder / "a.safetensors")
    state["classifier.weight"] += 300
    safetensors.torch.save_file(state, folder / "a.safetensors")

    with pytest.raises(TeacherUnfit, match=r"teachers\.0 does not answer as in float32"):
        run(folder / "out", spec([one(), one()], teacher_precision="bf16"))


def test_an_unfit_teacher_is_refused_by_its_place(folder):
    unfit = OTHER | {"force": False}

    with pytest.raises(TeacherUnfit, match=r"the teacher teachers\.1 answers") as refused:
        run(folder / "out", spec([one(), unfit]))
    problem = refused.value.problems[0]

    assert problem.pointer == "/teachers/1/checkpoint"
    assert "teachers.1.force: true" in problem.hint
    assert not (folder / "out").exists()


def test_a_checkpoint_that_does_not_fit_is_refused_at_its_place(folder):
    wrong = one("b")

    with pytest.raises(kd_core.errors.ModelInvalid) as refused:
        run(folder / "out", spec([one(), wrong]))
    assert refused.value.problems[0].pointer == "/teachers/1/checkpoint"


def test_teachers_may_have_their_classes_in_different_orders(folder):
    turned = safetensors.torch.load_file(folder / "a.safetensors")
    for name in ("classifier.weight", "classifier.bias"):
        turned[name] = turned[name].flip(0).contiguous()
    safetensors.torch.save_file(turned, folder / "turned.safetensors")
    mixed = spec([one(class_names=NAMES), one("turned", class_names=NAMES[::-1])])
    mixed["data"] = mixed["data"] | {"class_names": NAMES}
    run(folder / "mixed", mixed)
    run(folder / "twice", spec([one(), one()]))

    torch.testing.assert_close(weights(folder / "mixed"), weights(folder / "twice"))


def test_a_resume_beside_another_teacher_is_refused(folder):
    with pytest.raises(Stopped):
        run(folder / "out", spec(), should_stop=stop_after(6))
    save_teacher(folder / "b.safetensors", architecture="test_resnet", seed=6)

    with pytest.raises(WorkdirInvalid, match=r"the teachers\.1 changed"):
        run(folder / "out", spec())


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"teachers": [one()]}, "/teachers", "out_of_range"),
        ({"teachers": [one()] * 9}, "/teachers", "out_of_range"),
        ({"teachers": one()}, "/teachers", "wrong_type"),
        ({"teacher": one(), "teachers": [one(), one()]}, "/teachers", "invalid"),
        ({"teachers": [one(), one(weight=0)]}, "/teachers/1/weight", "out_of_range"),
        ({"teachers": [one(), one(weight="1")]}, "/teachers/1/weight", "wrong_type"),
        ({"teachers": [one(), one(heft=1)]}, "/teachers/1/heft", "unknown_key"),
        ({"teachers": [one(), {"architecture": "resnet18"}]}, "/teachers/1/checkpoint", None),
        (
            {"teachers": [one(), {"architecture": "resnet18", "recipe": {}}]},
            "/teachers/1/recipe",
            "only_for_one_teacher",
        ),
        ({"teachers": [one(), one(architecture=None)]}, "/teachers/1/architecture", None),
        ({"teacher": one(weight=1)}, "/teacher/weight", "unknown_key"),
        (
            {"teachers": [one(), one(checkpoint="job:job_1")]},
            "/teachers/1/checkpoint",
            "not_a_source",
        ),
        ({"loss": "kd"}, "/teacher", None),
        (
            {
                "teachers": [one(), one(min_top1=0.5)],
                "loss": [{"kind": "kd"}],
                "data": {"dataset": "digits", "unlabelled": True},
            },
            "/teachers/1/min_top1",
            "loss_needs_labels",
        ),
    ],
)
def test_a_mistake_is_answered_at_its_place(changes, pointer, code):
    with pytest.raises(SpecInvalid) as refused:
        parse_spec(small_spec(**changes))

    assert [(pointer, code or "missing_key")] == [
        (problem.pointer, problem.code) for problem in refused.value.problems
    ]


def test_a_job_of_a_service_is_no_teacher_without_one():
    with pytest.raises(SpecInvalid) as refused:
        parse_spec(small_spec(teacher=one(checkpoint="job:job_1")))

    assert "file:OUT/artifacts/safetensors" in refused.value.problems[0].hint


def test_teachers_that_no_term_looks_at_are_a_warning():
    assert [("teacher_unused", "/teachers")] == [
        (advised.code, advised.pointer) for advised in advice(parse_spec(spec(loss="ce")))
    ]


def test_weights_and_teachers_are_part_of_what_a_run_is():
    prints = {
        parse_spec(spec(teachers)).fingerprint
        for teachers in ([one(), OTHER], [OTHER, one()], [one(), OTHER | {"weight": 2}])
    }

    assert len(prints) == 3


def test_what_was_found_of_each_is_kept_beside_what_they_reach_together(folder):
    report, _ = run(folder / "out", spec([one(min_top1=1.0), OTHER | {"min_top1": 1.0}]))
    checks = [teacher.check for teacher in report.teachers]

    assert [check.finding.pointer.split("/")[2] for check in checks] == ["0", "1"]
    assert [check.top1 for check in checks] == [teacher.top1 for teacher in report.teachers]
    assert report.teacher_check.top1 == report.teacher.top1
    assert report.teacher_check.finding is None
    assert Report.parse(json.loads((folder / "out/report.json").read_text())) == report


def test_several_that_are_smaller_together_than_their_student_are_noticed(folder):
    teachers = [one(), one(weight=2)]
    _, seen = run(folder / "out", spec(teachers) | {"student": {"architecture": "test_resnet"}})
    (warning,) = [
        at for at in seen if isinstance(at, Warned) and at.code == "teacher_smaller_than_student"
    ]

    assert warning.message.startswith("the teacher is smaller than the student: 199420")
