"""What two classes feel of each other through the nodes of a grid."""

from __future__ import annotations

import pytest
import torch

from kd_core.kendall.spline import ORDER, WIDEST_STEP, grid_over, kernels, shares

LIKE = torch.zeros((), dtype=torch.float64)


def felt(scaled_range):
    """Kernels between random places on a grid, and what they should be."""
    grid = grid_over(scaled_range)
    source = torch.Generator().manual_seed(0)
    logits = scaled_range * torch.rand(1, 300, generator=source, dtype=torch.float64)
    logits[0, :2] = torch.tensor([0, scaled_range])
    first, parts = grid.places(logits, k=1.0)
    spread = torch.zeros(300, grid.nodes, dtype=torch.float64)
    for node in range(ORDER):
        spread[torch.arange(300), first[0] + node] = parts[node, 0]
    between = kernels(grid, LIKE)
    gaps = logits[0, :, None] - logits[0, None, :]
    found = [spread @ kernel @ spread.T for kernel in (between.tanh, between.slope)]
    return found, [torch.tanh(gaps), 1 / torch.cosh(gaps) ** 2]


@pytest.mark.parametrize("scaled_range", [1e-6, 1e-3, 0.0079, 0.0081, 0.1, 1, 2, 20, 100, 300])
def test_it_is_the_kernel_itself(scaled_range):
    (tanh, slope), (expected_tanh, expected_slope) = felt(scaled_range)
    widest = expected_tanh.abs().max()

    assert float((tanh - expected_tanh).abs().max() / widest) < 5e-6
    assert float((slope - expected_slope).abs().max()) < 1.5e-5


def test_a_class_does_not_push_itself():
    (tanh, _), _ = felt(20)

    assert float(tanh.diagonal().abs().max()) < 1e-15


def test_rows_of_equal_logits_have_no_gaps():
    grid = grid_over(0.0)
    first, parts = grid.places(torch.full((2, 3), 7.5), k=100.0)

    assert first.tolist() == [[0, 0, 0], [0, 0, 0]]
    assert bool(parts.isfinite().all())
    assert float(kernels(grid, torch.zeros(())).tanh.abs().max()) == 0


def test_the_shares_of_a_class_add_up_to_it():
    parts = shares(torch.linspace(0, 1, 101, dtype=torch.float64)[None])

    torch.testing.assert_close(parts.sum(dim=0), torch.ones(1, 101, dtype=torch.float64))
    assert bool((parts >= -1e-15).all())


def test_the_shares_of_a_class_balance_at_its_place():
    fraction = torch.linspace(0, 1, 101, dtype=torch.float64)[None]
    nodes = torch.arange(ORDER, dtype=torch.float64)[:, None, None]
    middle = (shares(fraction) * nodes).sum(dim=0)

    torch.testing.assert_close(middle, fraction + (ORDER / 2 - 1))


@pytest.mark.parametrize("scaled_range", [1e-5, 0.3, 7, 300])
def test_a_grid_covers_its_range_with_steps_that_are_small_enough(scaled_range):
    grid = grid_over(scaled_range)

    assert grid.step <= WIDEST_STEP
    assert grid.cells * grid.step == pytest.approx(scaled_range)
