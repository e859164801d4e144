"""Which class is in which group."""

from __future__ import annotations

import math

import pytest
import torch

from kd_core.closed_forms.groups import Groups, above_the_leap, standardized_within
from kd_core.ops import descending_order


def test_what_is_not_listed_is_the_rest():
    groups = Groups(torch.tensor([[4, 0, 2]]), (1, 2), classes=6)

    assert groups.of_classes().tolist() == [[1, 2, 1, 2, 0, 2]]
    assert groups.members().sum(dim=2).tolist() == [[1, 2, 3]]


@pytest.mark.parametrize(
    ("sizes", "classes", "expected"),
    [((2,), 3, False), ((2,), 2, True), ((1, 0), 3, True), ((1, 1), 2, True)],
)
def test_it_is_known_whether_a_group_may_be_empty(sizes, classes, expected):
    listed = torch.zeros(1, sum(sizes), dtype=torch.long)

    assert expected == Groups(listed, sizes, classes).may_be_empty


def sizes_above_the_leap(probabilities, leap=2.0, most=100):
    logits = torch.tensor(probabilities, dtype=torch.float64).log()
    order = descending_order(logits)
    groups = above_the_leap(order, logits, leap, most)
    return [(row == 0).sum().item() for row in groups.of_classes()]


def test_the_top_starts_where_a_probability_leaps_above_the_mean_up_to_it():
    assert sizes_above_the_leap([[0.05, 0.6, 0.05, 0.05, 0.25]]) == [2]


def test_without_a_leap_one_class_is_on_top():
    assert sizes_above_the_leap([[0.2, 0.2, 0.2, 0.2, 0.2], [0.2, 0.22, 0.18, 0.21, 0.19]]) == [
        1,
        1,
    ]


def test_at_most_so_many_classes_are_on_top():
    row = [0.001, 0.001, 0.333, 0.333, 0.332]

    assert sizes_above_the_leap([row]) == [3]
    assert sizes_above_the_leap([row], most=2) == [2]


def test_of_equal_logits_at_the_cut_the_lower_class_is_on_top():
    logits = torch.tensor([[0.0, 5.0, 5.0, 5.0]])
    groups = above_the_leap(descending_order(logits), logits, leap=1.5, most=2)

    assert groups.of_classes().tolist() == [[1, 0, 0, 1]]


def test_the_cut_is_the_same_in_single_precision():
    """1 and 1 - 1e-11 are the same number in float32, and here the cut hangs on it."""
    logits = torch.tensor([[12.5, 12.5, 12.5, -12.5]])
    sizes = [
        (above_the_leap(descending_order(at), at, 2.0, 100).of_classes() == 0).sum().item()
        for at in (logits, logits.double())
    ]

    assert sizes == [1, 1]


def test_standard_scores_are_those_of_each_group_alone():
    groups = Groups(torch.tensor([[1, 3]]), (2,), classes=5)
    logits = torch.tensor([[1.0, 10.0, 2.0, 30.0, 3.0]], dtype=torch.float64)
    spread = math.sqrt(2 / 3)
    found = standardized_within(logits, groups, chosen=(1,))

    torch.testing.assert_close(
        found,
        torch.tensor([[-1 / spread, 10.0, 0.0, 30.0, 1 / spread]], dtype=torch.float64),
        rtol=1e-6,
        atol=1e-6,
    )


@pytest.mark.parametrize("level", [0.1, 77.7])
def test_a_group_of_equal_logits_has_scores_of_0_and_a_gradient(level):
    logits = torch.full((1, 3), level, requires_grad=True)
    groups = Groups(torch.tensor([[0]]), (1,), classes=3)
    found = standardized_within(logits, groups, chosen=(0, 1))
    (gradient,) = torch.autograd.grad(found[0, 1], logits)

    assert found.tolist() == [[0, 0, 0]]
    torch.testing.assert_close(gradient, torch.tensor([[0.0, 5e6, -5e6]]))
