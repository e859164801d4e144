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


@pytest.mark.parametrize("classes", [4, 1000, 40_000])
def test_equal_logits_keep_the_order_of_their_classes(classes):
    logits = torch.zeros(2, classes)
    logits[1, 2] = 1

    assert ops.descending_order(logits)[0].tolist() == list(range(classes))
    assert ops.descending_order(logits)[1].tolist() == [2, 0, 1, *range(3, classes)]


@pytest.mark.parametrize("classes", [3, 20_000])
def test_zero_of_either_sign_is_a_tie(classes):
    logits = torch.tensor([-0.0, 0.0, -0.0]).repeat(2, classes)[:, :classes]

    assert ops.descending_order(logits)[0].tolist() == list(range(classes))


SHAPES = [
    (1, 2),
    (5, 100),
    (327, 100),
    (328, 100),
    (700, 100),
    (3, 10_923),
    (3, 32_768),
    (2, 70_001),
]
DTYPES = [torch.bfloat16, torch.float16, torch.float32, torch.float64]


def ordered_slowly(logits):
    return torch.argsort(logits.double(), dim=1, descending=True, stable=True)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_the_order_is_that_of_a_stable_sort(shape, dtype):
    logits = (3 * torch.randn(shape, generator=torch.Generator().manual_seed(0))).to(dtype)

    for given in (logits, logits.round(), logits.T.contiguous().T, 1e30 * logits.float()):
        assert torch.equal(ops.descending_order(given), ordered_slowly(given))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_one_class_can_be_put_before_the_others(shape, dtype):
    source = torch.Generator().manual_seed(1)
    logits = torch.randn(shape, generator=source).to(dtype)
    first = torch.randint(shape[1], shape[:1], generator=source)
    order = ordered_slowly(logits)
    others = order[order != first.unsqueeze(1)].view(shape[0], -1)
    expected = torch.cat([first.unsqueeze(1), others], dim=1)

    assert torch.equal(ops.descending_order(logits, first), expected)
    assert torch.equal(ops.class_first(order, first), expected)


def test_ordering_leaves_the_logits_as_they_were():
    logits = torch.tensor([[0.5, -1.0, 2.0]])
    ops.descending_order(logits, first=torch.tensor([1]))

    assert logits.tolist() == [[0.5, -1.0, 2.0]]


def test_the_reverse_cumulative_sum_starts_at_each_position():
    found = ops.reverse_logcumsumexp(torch.tensor([[1.0, 2.0, 3.0]]).log())

    torch.testing.assert_close(found, torch.tensor([[6.0, 5.0, 3.0]]).log())


def test_the_reverse_cumulative_sum_and_its_slope_survive_a_gap_of_200():
    values = torch.tensor([[0.0, 200.0, -200.0, 0.0]], requires_grad=True)
    found = ops.reverse_logcumsumexp(values)
    found.sum().backward()

    torch.testing.assert_close(found.detach(), torch.tensor([[200.0, 200.0, 0.0, 0.0]]))
    torch.testing.assert_close(values.grad, torch.tensor([[0.0, 2.0, 0.0, 2.0]]))


def rows_with_ties(samples, classes, values, seed=0):
    source = torch.Generator().manual_seed(seed)
    return torch.randint(values, (samples, classes), generator=source).float()


@pytest.mark.parametrize("count", [1, 2, 5, 39, 40, 41])
@pytest.mark.parametrize("values", [1, 2, 10, 10**6])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_the_best_classes_are_the_first_of_the_whole_order(dtype, values, count):
    logits = rows_with_ties(30, 40, values).to(dtype)
    order = ops.descending_order(logits)

    assert torch.equal(ops.best_classes(logits, count), order[:, :count])
    assert torch.equal(ops.worst_classes(logits, min(count, 40)), order.flip(1)[:, :count])


@pytest.mark.parametrize("values", [2, 7, 10_000], ids=["two values", "seven", "hardly a tie"])
@pytest.mark.parametrize("classes", [160, 161, 167, 1000, 1003])
def test_the_best_of_many_classes_are_found_wherever_they_stand(classes, values):
    """At either end of a row, and among equals."""
    source = torch.Generator().manual_seed(classes)
    logits = torch.randint(values, (64, classes), generator=source).float()
    logits[0, -1] = logits[1, 0] = values + 1.0

    for count in (1, 3, 4):
        expected = ops.descending_order(logits)[:, :count]

        assert torch.equal(ops.best_classes(logits, count), expected)
        assert torch.equal(ops.worst_classes(logits, count), _last(logits, count))


def _last(logits, count):
    return ops.descending_order(logits).flip(1)[:, :count]


def test_ties_at_the_edge_of_the_best_go_to_the_lower_class_among_very_many():
    logits = torch.zeros(2, 20_000)
    logits[1, 15_000:15_003] = 1.0

    assert ops.best_classes(logits, 4).tolist() == [[0, 1, 2, 3], [15_000, 15_001, 15_002, 0]]


def test_a_row_of_nans_disturbs_no_other_row():
    logits = torch.tensor([[math.nan, 1.0, 1.0], [math.nan] * 3, [2.0, 2.0, 2.0]])

    assert ops.best_classes(logits, 2)[2].tolist() == [0, 1]


def test_standardized_rows_have_a_mean_of_0_and_an_unbiased_deviation_of_1():
    found = ops.standardized(3 * torch.randn(4, 7, dtype=torch.float64) + 50)

    torch.testing.assert_close(found.mean(dim=1), torch.zeros(4, dtype=torch.float64))
    torch.testing.assert_close(
        found.std(dim=1), torch.ones(4, dtype=torch.float64), rtol=1e-6, atol=0
    )


def test_a_level_row_has_scores_of_0_and_a_finite_gradient():
    logits = torch.full((1, 3), 0.1, requires_grad=True)
    found = ops.standardized(logits)
    (gradient,) = torch.autograd.grad(found[0, 0], logits)

    assert found.tolist() == [[0, 0, 0]]
    torch.testing.assert_close(gradient, torch.tensor([[2 / 3e-7, -1 / 3e-7, -1 / 3e-7]]))


def test_the_gradient_of_two_nearly_equal_scores_is_not_lost_in_rounding():
    single = torch.tensor([[0.0, 1e-3]])
    gradients = []
    for logits in (single.requires_grad_(), single.detach().double().requires_grad_()):
        gradients += torch.autograd.grad(1000 * ops.standardized(logits)[0, 0], logits)

    torch.testing.assert_close(gradients[0], gradients[1].float(), rtol=1e-4, atol=0)


def test_the_slope_of_the_root_at_0_is_0():
    values = torch.tensor([0.0, 4.0], requires_grad=True)
    (slopes,) = torch.autograd.grad(ops.root(values).sum(), values)

    assert slopes.tolist() == [0, 0.25]
