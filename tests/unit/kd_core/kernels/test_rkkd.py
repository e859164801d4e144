"""The kernel of RKKD, interpreted, against the definition."""

import pytest
import torch

from tests.support import kernel_definitions
from tests.support.kernel_situations import assert_close, situations

RKKD = "rkkd_value_and_gradient"


@pytest.mark.parametrize("form", ["tanh", "teacher_sign", "product"])
@pytest.mark.parametrize("situation", situations())
def test_value_and_gradient_are_those_of_the_definition(interpreted, situation, form):
    student, teacher = situations()[situation]

    value, gradient = interpreted(RKKD, student, teacher, 1.0, form)

    expected_value, expected_gradient = kernel_definitions.rkkd(student, teacher, 1.0, form)
    assert_close(value, expected_value)
    assert_close(gradient, expected_gradient)


@pytest.mark.parametrize("k", [0.01, 10, 100.0])
@pytest.mark.parametrize("form", ["tanh", "teacher_sign", "product"])
def test_it_is_the_definition_at_every_k(interpreted, form, k):
    student, teacher = situations()["not a power of two"]

    value, gradient = interpreted(RKKD, student, teacher, k, form)

    expected_value, expected_gradient = kernel_definitions.rkkd(student, teacher, k, form)
    assert_close(value, expected_value)
    assert_close(gradient, expected_gradient)


@pytest.mark.parametrize("classes", [31, 32, 33, 127, 128, 129])
def test_the_seams_of_tiles_leave_no_pair_out(interpreted, classes):
    student, teacher = (logits[:1, :classes] for logits in situations()["several tiles"])

    value, gradient = interpreted(RKKD, student, teacher, 1.0, "tanh")

    expected_value, expected_gradient = kernel_definitions.rkkd(student, teacher, 1.0, "tanh")
    assert_close(value, expected_value)
    assert_close(gradient, expected_gradient)


def test_the_small_differences_of_a_flat_teacher_keep_their_digits(interpreted):
    student, teacher = situations()["not a power of two"]
    given = (student, teacher / 10_000, 1.0, "tanh")

    _, gradient = interpreted(RKKD, *given)

    _, expected = kernel_definitions.rkkd(*given)
    assert_close(10_000 * gradient, 10_000 * expected)


def test_logits_may_lie_in_memory_in_any_order(interpreted):
    pair = situations()["not a power of two"]

    straight = interpreted(RKKD, *pair, 1.0, "tanh")
    strided = interpreted(RKKD, *(each.t().contiguous().t() for each in pair), 1.0, "tanh")

    assert torch.equal(straight[0], strided[0])
    assert torch.equal(straight[1], strided[1])
