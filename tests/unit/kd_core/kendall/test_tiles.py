"""Which numbers of a sorted row follow within a distance, tile by tile."""

from __future__ import annotations

import pytest
import torch

from kd_core.kendall.sigmoids import Scratch
from kd_core.kendall.tiles import PART, TILE, ended, followers, groups


def sorted_rows(samples, classes, seed=0):
    source = torch.Generator().manual_seed(seed)
    return torch.randn(samples, classes, generator=source).sort(dim=1).values


@pytest.mark.parametrize("classes", [2, 63, 64, 65, 500])
@pytest.mark.parametrize("distance", [0.0, 0.01, 0.5, 100.0])
def test_no_follower_is_missed_and_few_are_added(classes, distance):
    rows = sorted_rows(3, classes)
    near = (rows[:, None, :] - rows[:, :, None] <= distance).triu(1).sum(dim=2)
    padded = torch.nn.functional.pad(near, (0, -classes % TILE))
    most = padded.view(3, -1, TILE).amax(dim=2)
    found = followers(rows, distance)

    assert bool((found >= most).all())
    assert bool((found <= most + PART).all())


@pytest.mark.parametrize("classes", [2, 65, 300])
@pytest.mark.parametrize("distance", [0.05, 100.0])
def test_every_near_pair_is_met_once_and_none_twice(classes, distance):
    rows = sorted_rows(2, classes)
    places = ended(torch.arange(2.0 * classes).view(2, classes), -1.0)
    met = torch.zeros(2 * classes, 2 * classes, dtype=torch.int64)
    for group in groups(followers(rows, distance), classes):
        of_tiles = group.windows(places)
        for start in group.starts:
            out = torch.empty(group.shape)
            later = group.gaps(of_tiles, start, out) + of_tiles[:TILE]
            own = of_tiles[:TILE].expand(group.shape)
            real = (later >= 0) & (own >= 0)
            met.index_put_(
                (own[real].long(), later[real].long()), torch.ones(()).long(), accumulate=True
            )
    gaps = rows[:, None, :] - rows[:, :, None]
    near = torch.block_diag(*(gaps <= distance).triu(1).long())

    assert int(met.max()) == 1
    assert bool((met >= near).all())
    assert torch.equal(met, met.triu(1))


def test_slanted_columns_gather_each_follower():
    rows = sorted_rows(1, 100)
    group = next(groups(followers(rows, 100.0), 100))
    pairs, columns = group.slanted(Scratch(rows, 1))
    of_tiles = group.windows(ended(rows, 0.0))
    start = group.starts[0]
    pairs.copy_(group.gaps(of_tiles, start, torch.empty(group.shape)))
    expected = torch.zeros_like(of_tiles)
    for shift in range(group.shifts):
        for number in range(TILE):
            follower = start + shift + number
            expected[follower] += pairs[shift, number]

    torch.testing.assert_close(columns.sum(dim=0), expected[group.followed(start)])
