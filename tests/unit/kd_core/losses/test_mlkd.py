"""What is MLKD's own: its list of temperatures, and masks that scale instead of selecting."""

from __future__ import annotations

import pytest
import torch

from kd_core.errors import SpecInvalid
from kd_core.objective import loss
from tests.support.loss_subject import random_batch


def refusal(**params):
    with pytest.raises(SpecInvalid) as caught:
        loss("mlkd", **params)
    (problem,) = caught.value.problems
    return problem.pointer, problem.message


def test_a_single_temperature_is_a_list_of_one():
    assert loss("mlkd", temperature=4.0).term == loss("mlkd", temperatures=[4.0]).term


def test_a_temperature_and_temperatures_together_are_refused():
    pointer, message = refusal(temperature=4.0, temperatures=[2.0])

    assert pointer == "/temperature"
    assert "both given" in message


@pytest.mark.parametrize("wrong", [0.0, -1, 1001, "warm", None, [4.0]])
def test_a_single_temperature_that_is_wrong_is_refused_where_it_was_written(wrong):
    assert refusal(temperature=wrong)[0] == "/temperature"


def test_the_temperature_in_a_list_that_is_wrong_is_pointed_at():
    assert refusal(temperatures=[2.0, -3.0])[0] == "/temperatures/1"


@pytest.mark.parametrize("count", [0, 17])
def test_a_list_of_none_or_of_more_than_sixteen_is_refused(count):
    assert refusal(temperatures=[4.0] * count)[0] == "/temperatures"


def test_a_mistyped_temperature_is_answered_with_the_key_that_exists():
    assert refusal(temprature=4.0)[0] == "/temprature"


def shares_kept(teacher, **params):
    """What the masks leave of (kd, cc, bc)."""
    student = random_batch(0, samples=len(teacher), classes=teacher.shape[1]).student
    masked = loss("mlkd", **params).terms(student, teacher)
    whole = loss("mlkd", enable_mask=False).terms(student, teacher)
    return tuple(round(float(masked[name] / whole[name]), 6) for name in ("kd", "cc", "bc"))


def test_a_mask_scales_each_part_by_the_share_that_it_keeps():
    teacher = random_batch(0, samples=6, classes=5).teacher

    assert shares_kept(teacher) == (0.5, 0.6, 0.5)
    assert shares_kept(teacher, confidence_percentage=0.99) == (0.833333, 0.8, 0.833333)
    assert shares_kept(teacher, confidence_percentage=0.01) == (0.166667, 0.2, 0.166667)


def test_samples_of_the_same_confidence_are_kept_together():
    """Their probabilities are the same in another order, and add up to sums rounded otherwise."""
    row = torch.tensor([2.0, 0.7, -0.3, 0.1, 1.1], dtype=torch.float64)
    teacher = torch.stack([row.roll(places) for places in range(5)])

    assert shares_kept(teacher, confidence_percentage=0.01) == (1, 1, 1)


def test_two_teachers_that_are_nearly_certain_are_told_apart_in_single_precision():
    sure = torch.tensor([[30.0, 0.0, 1.0], [0.0, 25.0, 1.0]], dtype=torch.float32)

    assert shares_kept(sure)[0] == 0.5
