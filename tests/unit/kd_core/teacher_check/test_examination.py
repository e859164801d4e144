"""A teacher before its lesson: measured, let through, stopped, or let through by force."""

from __future__ import annotations

import json

import pytest
import safetensors.torch
import torch

import kd_core
from kd_core.attempt import Attempt
from kd_core.clock import SystemClock
from kd_core.data import DecodedStore
from kd_core.errors import TeacherUnfit
from kd_core.events import TeacherMeasured, Warned
from kd_core.models.build import Plan
from kd_core.models.teacher import Teacher
from kd_core.spec import parse_spec
from kd_core.teacher_check.case import chance_floor
from kd_core.teacher_check.examination import examine
from kd_core.training.surroundings import Surroundings
from kd_core.workdir import opened
from tests.support import digit_teachers
from tests.support.small_runs import WITH_TEACHER, save_teacher, small_data, small_spec

MOST_BYTES = 100_000_000


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    return digit_teachers.taught(tmp_path_factory.mktemp("healthy"))


class Counting(torch.nn.Module):
    """A network that counts the images that it is asked about."""

    def __init__(self, network):
        super().__init__()
        self.network = network
        self.images = 0

    def forward(self, inputs):
        self.images += len(inputs)
        return self.network(inputs)


def examined(folder, weights, **teacher):
    """The lesson, how many images the teacher saw for it, and how many there are."""
    spec = parse_spec(digit_teachers.job(weights, force=True, **teacher))
    with opened(folder / "out", spec, resume=True) as workdir:
        surroundings = Surroundings(lambda _payload: None, SystemClock(), lambda: False)
        attempt = Attempt(
            spec,
            folder,
            workdir,
            surroundings,
            decoded=DecodedStore(folder / "decoded", MOST_BYTES),
            allow_torch_checkpoints=False,
        )
        dataset = attempt.read_data()
        plan = Plan.of(spec.teacher, 10, spec.data.image_size)
        network = plan.build("/teacher/architecture")
        network.load_state_dict(safetensors.torch.load_file(weights))
        counting = Counting(network)
        lesson = examine(attempt, Teacher(counting, plan, "digest"), dataset)
    return lesson, counting.images, len(dataset.validation)


def taught_by(folder, weights, **teacher):
    """A whole run with such a teacher: its report, its warnings."""
    seen = []
    spec = digit_teachers.job(weights, **teacher)
    report = kd_core.distill(spec, folder, lambda event: seen.append(event.data))
    return report, [at for at in seen if isinstance(at, Warned) and at.code.startswith("teacher_")]


def test_a_healthy_teacher_is_asked_once_and_no_more(healthy, tmp_path):
    lesson, asked, samples = examined(tmp_path, healthy)

    assert asked == samples
    assert lesson.check.top1 > 0.9
    assert lesson.check.floor == pytest.approx(0.51, abs=0.01)
    assert lesson.check.finding is None


def test_a_diagnosis_asks_about_a_bounded_number_of_images(healthy, tmp_path):
    lesson, asked, samples = examined(tmp_path, healthy, min_top1=1)

    assert lesson.check.finding.code == "teacher_below_floor"
    assert samples < asked <= samples + 3 * 512


def test_a_healthy_teacher_is_in_the_report_with_what_it_had_to_reach(healthy, tmp_path):
    report, warnings = taught_by(tmp_path / "out", healthy)
    written = json.loads((tmp_path / "out/report.json").read_text())

    assert written["teacher_check"] == {
        "top1": report.teacher.top1,
        "floor": report.teacher_check.floor,
        "samples": report.teacher.measured.samples,
    }
    assert warnings == []


def test_force_goes_on_with_the_same_finding_as_a_warning_and_in_the_report(healthy, tmp_path):
    weights = digit_teachers.with_fresh_classifier(healthy, tmp_path / "random.safetensors")
    with pytest.raises(TeacherUnfit) as refused:
        taught_by(tmp_path / "refused", weights)
    report, (warning,) = taught_by(tmp_path / "forced", weights, force=True)
    (problem,), finding = refused.value.problems, report.teacher_check.finding

    assert problem.code == warning.code == finding.code == "teacher_classifier_untrained"
    assert problem.message == warning.message == finding.message
    assert problem.hint == f"{warning.hint}; teacher.force: true goes on all the same"
    assert kd_core.report.Report.parse(report.as_json()) == report


@pytest.mark.parametrize("seed", range(1, 5))
def test_any_fresh_classifier_is_called_so(healthy, tmp_path, seed):
    weights = digit_teachers.with_fresh_classifier(healthy, tmp_path / "new.safetensors", seed)
    with pytest.raises(TeacherUnfit) as refused:
        taught_by(tmp_path / "out", weights)

    assert refused.value.problems[0].code == "teacher_classifier_untrained"


def test_two_classes_that_changed_places_are_named(healthy, tmp_path):
    weights = tmp_path / "swapped.safetensors"
    digit_teachers.with_classes_in_order(healthy, weights, [0, 1, 2, 5, 4, 3, 6, 7, 8, 9])
    with pytest.raises(TeacherUnfit, match="'3' and '5' are swapped; in the best order") as refused:
        taught_by(tmp_path / "out", weights, min_top1=0.9)

    assert refused.value.problems[0].code == "teacher_classes_permuted"


ANOTHER_ORDER = [3, 1, 4, 0, 5, 9, 2, 6, 8, 7]


def test_a_teacher_that_names_its_classes_is_examined_in_the_data_s_order(healthy, tmp_path):
    weights = tmp_path / "other.safetensors"
    digit_teachers.with_classes_in_order(healthy, weights, ANOTHER_ORDER)
    names = [str(digit) for digit in ANOTHER_ORDER]
    report, warnings = taught_by(tmp_path / "out", weights, class_names=names)

    assert report.teacher_check.top1 > 0.9
    assert warnings == []


def test_a_fresh_classifier_is_known_as_such_in_any_order(healthy, tmp_path):
    weights = digit_teachers.with_fresh_classifier(healthy, tmp_path / "random.safetensors")
    names = [str(digit) for digit in ANOTHER_ORDER]
    with pytest.raises(TeacherUnfit) as refused:
        taught_by(tmp_path / "out", weights, class_names=names)

    assert refused.value.problems[0].code == "teacher_classifier_untrained"


def test_a_classifier_that_cannot_be_looked_into_is_not_accused(healthy, tmp_path):
    weights = digit_teachers.with_fresh_classifier(healthy, tmp_path / "random.safetensors")
    lesson, _, _ = examined(tmp_path, weights)

    assert lesson.check.finding.code == "teacher_below_floor"
    assert "its classifier cannot be looked into" in lesson.check.finding.message


def test_numbers_that_overflow_are_a_normalisation_where_another_one_helps(healthy, tmp_path):
    with pytest.raises(TeacherUnfit, match="not numbers: its images are normalised") as refused:
        taught_by(tmp_path / "out", healthy, std=[1e-38] * 3, force=True)

    assert refused.value.problems[0].code == "teacher_normalisation"


def with_fixed_teacher(**changes):
    document = small_spec(**WITH_TEACHER)
    return document | {"teacher": document["teacher"] | changes}


def test_four_wrong_answers_show_no_other_order_of_two_classes(here):
    architecture = "test_efficientnet_gn"  # whose fresh weights of this seed are wrong on all four
    save_teacher(here / "teacher.safetensors", architecture=architecture, seed=0)
    with pytest.raises(TeacherUnfit, match=r"answers 0\.0% of 4") as refused:
        kd_core.distill(with_fixed_teacher(architecture=architecture, force=False), here / "out")

    assert refused.value.problems[0].code == "teacher_classifier_untrained"
    assert not (here / "out").exists()


def test_a_teacher_that_is_trained_here_is_told_to_train_longer(here):
    slow = {"epochs": 1, "batch_size": 4, "optimizer": {"kind": "sgd", "lr": 1e-9}}
    teacher = {"architecture": "test_efficientnet", "recipe": slow, "min_top1": 1.0}
    with pytest.raises(TeacherUnfit, match="its recipe did not take it further") as refused:
        kd_core.distill(small_spec(teacher=teacher, loss="kd"), here / "out")

    assert refused.value.problems[0].code == "teacher_below_floor"
    assert refused.value.problems[0].pointer == "/teacher/recipe"


def unlabelled(here, **teacher):
    small_data(here / "data.npz", labelled=False)
    spec = with_fixed_teacher(**teacher) | {"loss": {"kind": "kd"}}
    return spec | {"data": spec["data"] | {"unlabelled": True}}


def test_without_labels_the_answers_are_counted_and_nothing_is_judged(here):
    seen = []
    save_teacher(here / "teacher.safetensors")
    report = kd_core.distill(unlabelled(here, force=False), here / "out", seen.append)
    measured = [at.data for at in seen if isinstance(at.data, TeacherMeasured)]

    assert measured == [TeacherMeasured(top1=None, floor=None, samples=4)]
    assert report.as_json()["teacher_check"] == {"samples": 4}


@pytest.mark.parametrize("force", [False, True])
def test_without_labels_answers_that_are_not_numbers_end_the_run(here, force):
    save_teacher(here / "teacher.safetensors")
    state = safetensors.torch.load_file(here / "teacher.safetensors")
    state["conv_stem.weight"] = 3e38 * state["conv_stem.weight"].sign()
    safetensors.torch.save_file(state, here / "teacher.safetensors")
    spec = unlabelled(here, force=force)
    with pytest.raises(TeacherUnfit, match="not numbers") as refused:
        kd_core.distill(spec, here / "out")

    assert refused.value.problems[0].code == "teacher_not_finite"


def test_a_diagnosis_changes_no_bit_of_what_is_trained(here):
    """The draws of the student do not depend on how long its teacher was looked at."""
    save_teacher(here / "teacher.safetensors")
    for name, min_top1 in (("passed", 0.01), ("forced", 1.0)):
        kd_core.distill(with_fixed_teacher(min_top1=min_top1), here / name)
    passed, forced = (
        (here / name / "artifacts/safetensors/model.safetensors").read_bytes()
        for name in ("passed", "forced")
    )

    assert passed == forced


@pytest.mark.parametrize(
    ("counts", "expected"),
    [([50, 50], 0.75), ([10] * 10, 0.5), ([90, 10], 0.95), ([1] * 100, 0.05)],
)
def test_the_floor_follows_the_largest_class(counts, expected):
    labels = torch.arange(len(counts)).repeat_interleave(torch.tensor(counts))

    assert chance_floor(labels) == pytest.approx(expected)


SWAPPED = [0, 1, 2, 5, 4, 3, 6, 7, 8, 9]
TWO_MORE = [10, *range(10), 11]


def with_two_more_classes(weights, to, order):
    """The same teacher among twelve classes; `order` has its old ones, 10 and 11 are new."""
    state = safetensors.torch.load_file(weights)
    for part in ("weight", "bias"):
        old = state[f"{digit_teachers.CLASSIFIER}.{part}"]
        more = torch.cat([old, torch.zeros_like(old[:2]) - 1])
        state[f"{digit_teachers.CLASSIFIER}.{part}"] = more[order].contiguous()
    safetensors.torch.save_file(state, to)
    return to


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("none", None),
        ("fresh classifier", "teacher_classifier_untrained"),
        ("other scale", "teacher_normalisation"),
        ("swapped", "teacher_classes_permuted"),
    ],
)
def test_a_teacher_of_more_classes_is_judged_on_those_of_the_data(healthy, tmp_path, fault, code):
    order = {"swapped": [10, *SWAPPED, 11]}.get(fault, TWO_MORE)
    weights = with_two_more_classes(healthy, tmp_path / "more.safetensors", order)
    if fault == "fresh classifier":
        weights = digit_teachers.with_fresh_classifier(weights, weights)
    changes = {"mean": [0, 0, 0], "std": [1, 1, 1]} if fault == "other scale" else {}
    names = [{10: "ten", 11: "eleven"}.get(label, str(label)) for label in TWO_MORE]
    report, _ = taught_by(
        tmp_path / "out",
        weights,
        class_names=names,
        class_map={},
        min_top1=0.9,
        force=True,
        **changes,
    )
    finding = report.teacher_check.finding

    assert code == (None if finding is None else finding.code)
