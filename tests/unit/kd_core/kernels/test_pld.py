"""The kernel of PLD, interpreted, against the definition."""

import pytest
import torch

from tests.support import kernel_definitions
from tests.support.kernel_situations import assert_close, situations

PLD = "pld_value_and_gradient"


@pytest.mark.parametrize("as_tree", [False, True], ids=["one by one", "as a tree"])
@pytest.mark.parametrize("situation", situations())
def test_value_and_gradient_are_those_of_the_definition(interpreted, situation, as_tree):
    student, teacher = situations()[situation]
    alphas = torch.softmax(teacher, dim=1)

    value, gradient = interpreted(PLD, student, alphas, as_tree=as_tree)

    expected_value, expected_gradient = kernel_definitions.pld(student, alphas)
    assert_close(value, expected_value)
    assert_close(gradient, expected_gradient)


def test_all_rows_may_share_their_weights(interpreted):
    student, _ = situations()["not a power of two"]
    alphas = torch.full((37,), 1 / 37)

    shared = interpreted(PLD, student, alphas)
    repeated = interpreted(PLD, student, alphas.expand(3, 37))

    assert torch.equal(shared[0], repeated[0])
    assert torch.equal(shared[1], repeated[1])


def test_logits_may_lie_in_memory_in_any_order(interpreted):
    student, teacher = situations()["not a power of two"]
    alphas = torch.softmax(teacher, dim=1)

    straight = interpreted(PLD, student, alphas)
    strided = interpreted(PLD, student.t().contiguous().t(), alphas.t().contiguous().t())

    assert torch.equal(straight[0], strided[0])
    assert torch.equal(straight[1], strided[1])


def test_the_sum_of_weighted_small_things_keeps_its_digits(interpreted):
    """A thousand classes in the student's own order: the brackets are small, and all alike."""
    student = torch.linspace(50, -50, 1000).expand(2, -1)
    alphas = torch.softmax(student / 4, dim=1)

    value, gradient = interpreted(PLD, student, alphas, as_tree=True)

    expected_value, expected_gradient = kernel_definitions.pld(student, alphas)
    assert_close(value, expected_value)
    assert_close(gradient, expected_gradient)


def test_what_fails_in_the_interpreter_fails_here(interpreted):
    student, _ = situations()["not a power of two"]

    with pytest.raises(RuntimeError, match="must match the existing size"):
        interpreted(PLD, student, torch.ones(5))
