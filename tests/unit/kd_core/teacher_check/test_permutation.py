"""The order of a teacher's classes: found where there is one, and never praised for luck."""

import pytest
import torch

from kd_core.teacher_check.permutation import in_best_order, matched

CLASSES = 20


def draw(seed=0):
    return torch.Generator().manual_seed(seed)


def labels(count=400, seed=0):
    return torch.randint(CLASSES, (count,), generator=draw(seed))


def mostly(answers, seed=1, wrong=0.1):
    """The answers, a tenth of them replaced by others."""
    others = torch.randint(CLASSES, (len(answers),), generator=draw(seed))
    return torch.where(torch.rand(len(answers), generator=draw(seed)) < wrong, others, answers)


def test_the_order_that_was_put_in_is_found():
    order = torch.randperm(CLASSES, generator=draw(2))
    answered = mostly(order[labels()])

    assert order.tolist() == matched(answered, labels(), CLASSES).tolist()
    assert in_best_order(answered, labels(), CLASSES).double().mean() > 0.85


def test_the_best_order_of_answers_by_chance_is_no_better_than_chance():
    answered = labels(seed=5)
    praised = matched(answered, labels(), CLASSES)[labels()] == answered
    found = in_best_order(answered, labels(), CLASSES).double().mean()

    assert praised.double().mean() > 0.1  # what fitting and trying on the same samples would say
    assert found < 0.1


def test_each_answer_stands_for_one_class():
    answered = torch.zeros(len(labels()), dtype=torch.long)
    order = matched(answered, labels(), CLASSES).tolist()

    assert order.count(0) == 1
    assert order.count(-1) == CLASSES - 1


@pytest.mark.parametrize("arrangement", ["sorted", "alternating"])
def test_how_the_samples_lie_in_the_data_does_not_matter(arrangement):
    right = torch.arange(60) % 2
    right = right.sort().values if arrangement == "sorted" else right

    assert bool(in_best_order(1 - right, right, 2).all())


def test_a_class_with_a_single_sample_is_simply_not_found():
    assert [False] == in_best_order(torch.tensor([1]), torch.tensor([0]), 2).tolist()
