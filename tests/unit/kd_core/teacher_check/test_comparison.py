"""Teachers that are smaller than their students or worse than no teacher: warned of."""

import pytest
import safetensors.torch

import kd_core
from kd_core.events import Warned
from tests.support.small_runs import save_teacher, small_spec

NETWORK = "test_efficientnet"
WITHOUT_STATISTICS = (
    "test_efficientnet_gn"  # which a step of training would change, however short it is
)
STANDING_STILL = {"epochs": 1, "batch_size": 4, "optimizer": {"kind": "sgd", "lr": 1e-12}}


def warned(here, teacher, student, **changes):
    """The warnings of a whole run, by their codes."""
    own = {"architecture": teacher, "checkpoint": "file:teacher.safetensors", "force": True}
    spec = small_spec(teacher=own, student=student, **{"loss": "kd", **changes})
    seen = []
    kd_core.distill(spec, here / "out", lambda event: seen.append(event.data))
    return {at.code: at for at in seen if isinstance(at, Warned)}


@pytest.mark.parametrize(
    ("teacher", "student", "is_swapped"),
    [
        (NETWORK, "test_resnet", True),
        ("test_resnet", NETWORK, False),
        (NETWORK, NETWORK, False),
        ("resnet20", "mobilenetv2_half_cifar", False),  # fewer parameters, and six times the work
    ],
)
def test_a_teacher_with_less_of_everything_is_noticed(here, teacher, student, is_swapped):
    save_teacher(here / "teacher.safetensors", architecture=teacher)
    told = warned(here, teacher, {"architecture": student})

    assert is_swapped == ("teacher_smaller_than_student" in told)


def test_both_sizes_are_told_with_what_may_have_happened(here):
    save_teacher(here / "teacher.safetensors")
    warning = warned(here, NETWORK, {"architecture": "test_resnet"})["teacher_smaller_than_student"]

    assert warning.hint == "are teacher and student swapped?"
    assert warning.message == (
        "the teacher is smaller than the student: 99710 parameters and 600384 "
        "multiply-accumulates for an image, against 372882 and 1225152"
    )


def test_a_teacher_that_knows_less_than_the_baseline_is_told(here):
    save_teacher(here / "student.safetensors", architecture=WITHOUT_STATISTICS)
    state = safetensors.torch.load_file(here / "student.safetensors")
    opposite = {f"classifier.{part}": -state[f"classifier.{part}"] for part in ("weight", "bias")}
    safetensors.torch.save_file(state | opposite, here / "teacher.safetensors")
    student = {"architecture": WITHOUT_STATISTICS, "init": "file:student.safetensors"}
    told = warned(here, WITHOUT_STATISTICS, student, baseline=True, recipe=STANDING_STILL)

    assert told["teacher_worse_than_baseline"].message == (
        "the teacher answers 25.0% of the validation samples correctly, the student without a "
        "teacher 75.0%"
    )


def test_a_baseline_as_good_as_the_teacher_is_no_news(here):
    save_teacher(here / "teacher.safetensors", architecture=WITHOUT_STATISTICS)
    student = {"architecture": WITHOUT_STATISTICS, "init": "file:teacher.safetensors"}
    told = warned(here, WITHOUT_STATISTICS, student, baseline=True, recipe=STANDING_STILL)

    assert "teacher_worse_than_baseline" not in told
