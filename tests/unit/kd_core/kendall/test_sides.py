"""What a tanh lacks of 1, from exponentials of numbers as from sigmoids of gaps."""

from __future__ import annotations

import pytest
import torch

from kd_core.kendall.sides import Scaled, Shares, Sigmoids
from kd_core.kendall.tiles import followers, groups

CLASSES = 200


def tiles_of(spread, k):
    """Sorted rows by k, and their tiles."""
    source = torch.Generator().manual_seed(0)
    rows = torch.randn(2, CLASSES, generator=source).mul_(spread).sort(dim=1).values
    widest = float(rows.max() - rows.min())
    return Scaled.of(rows, k, widest), list(groups(followers(rows, 6.5 / k), CLASSES))


@pytest.mark.parametrize(("spread", "k"), [(1.0, 1.0), (0.1, 10.0), (1.0, 10.0)])
def test_the_share_of_a_number_is_the_sigmoid_of_the_gap(spread, k):
    scaled, tiles = tiles_of(spread, k)
    for group in tiles:
        numbers = group.windows(scaled.rows)
        sigmoids = Sigmoids(numbers.clone(), scaled.factor, group)
        shares = Shares.of(numbers, scaled.factor, group)
        # What stands beyond a row's end is no class, and its pairs count nothing.
        a_class = group.index[: group.shape[1]] % (CLASSES + 1) < CLASSES
        for start in group.starts:
            expected = sigmoids.at(start, torch.empty(group.shape)).where(a_class, 0)
            found = shares.at(start, torch.empty(group.shape))

            torch.testing.assert_close(found.where(a_class, 0), expected, rtol=2e-5, atol=1e-24)
            assert bool(found.isfinite().all())


def test_tiles_too_wide_for_exponentials_are_met_gap_by_gap():
    narrow, narrow_tiles = tiles_of(1.0, 10.0)
    wide, wide_tiles = tiles_of(1000.0, 10.0)

    assert {Shares} == {type(narrow.among(group)) for group in narrow_tiles}
    assert {Sigmoids} == {type(wide.among(group)) for group in wide_tiles}
