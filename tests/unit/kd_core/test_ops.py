"""The log-space maths that losses share, against the definitions and at the edges of floats."""

from __future__ import annotations

import math

import pytest
import torch

from kd_core import ops


@pytest.mark.parametrize(
    ("given", "widened"),
    [
        (torch.float16, torch.float32),
        (torch.bfloat16, torch.float32),
        (torch.float32, torch.float32),
        (torch.float64, torch.float64),
    ],
)
def test_only_half_precision_is_widened(given, widened):
    assert widened == ops.widen(torch.zeros(2, dtype=given)).dtype


def test_log_probabilities_are_those_of_the_divided_logits():
    found = ops.log_probabilities(torch.tensor([[2.0, 0.0]]), temperature=4.0)
    odds = math.exp(0.5)

    torch.testing.assert_close(
        found, torch.tensor([[math.log(odds / (odds + 1)), math.log(1 / (odds + 1))]])
    )


def test_a_class_without_probability_adds_nothing_to_the_divergence():
    log_q = torch.log_softmax(torch.tensor([[0.0, 0.0, -200.0]]), dim=1)
    log_p = torch.log_softmax(torch.tensor([[0.0, 0.0, 50.0]]), dim=1)

    torch.testing.assert_close(ops.kl_rows(log_q, log_p), torch.tensor([50 - math.log(2)]))


def test_the_divergence_is_per_row_and_has_a_direction():
    even = torch.tensor([[0.5, 0.5], [0.5, 0.5]]).log()
    uneven = torch.tensor([[0.5, 0.5], [0.25, 0.75]]).log()

    torch.testing.assert_close(
        ops.kl_rows(even, uneven), torch.tensor([0.0, 0.5 * math.log(4 / 3)])
    )
    torch.testing.assert_close(
        ops.kl_rows(uneven, even), torch.tensor([0.0, 0.25 * math.log(0.5) + 0.75 * math.log(1.5)])
    )


def test_the_other_classes_are_all_but_the_label_in_order():
    found = ops.other_classes(torch.tensor([0, 2, 3]), classes=4)

    assert found.tolist() == [[1, 2, 3], [0, 1, 3], [0, 1, 2]]


@pytest.mark.parametrize("classes", [4, 1000])
def test_equal_logits_keep_the_order_of_their_classes(classes):
    logits = torch.zeros(2, classes)
    logits[1, 2] = 1

    assert ops.descending_order(logits)[0].tolist() == list(range(classes))
    assert ops.descending_order(logits)[1].tolist() == [2, 0, 1, *range(3, classes)]


def test_zero_of_either_sign_is_a_tie():
    assert ops.descending_order(torch.tensor([[-0.0, 0.0, -0.0]])).tolist() == [[0, 1, 2]]


def test_the_reverse_cumulative_sum_starts_at_each_position():
    found = ops.reverse_logcumsumexp(torch.tensor([[1.0, 2.0, 3.0]]).log())

    torch.testing.assert_close(found, torch.tensor([[6.0, 5.0, 3.0]]).log())


def test_the_reverse_cumulative_sum_and_its_slope_survive_a_gap_of_200():
    values = torch.tensor([[0.0, 200.0, -200.0, 0.0]], requires_grad=True)
    found = ops.reverse_logcumsumexp(values)
    found.sum().backward()

    torch.testing.assert_close(found.detach(), torch.tensor([[200.0, 200.0, 0.0, 0.0]]))
    torch.testing.assert_close(values.grad, torch.tensor([[0.0, 2.0, 0.0, 2.0]]))
