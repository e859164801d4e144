"""Kendall's count by blocks, against scipy's tau and against counting."""

from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from kd_core.kendall import concordance as module
from kd_core.kendall.concordance import concordance


def both_ways(forth):
    return forth, torch.argsort(forth, dim=1)


@given(forth=st.integers(2, 24).flatmap(lambda classes: st.permutations(range(classes))))
def test_every_pair_is_counted_once(forth):
    pairs = itertools.combinations(forth, 2)
    expected = sum(1 if later > earlier else -1 for earlier, later in pairs)

    assert concordance(*both_ways(torch.tensor([forth]))).tolist() == [expected]


@pytest.mark.parametrize("classes", [2, 3, 31, 32, 33, 1000, 1023, 1024, 1025, 3000, 21841])
def test_it_is_kendalls_tau_without_its_denominator(classes):
    source = torch.Generator().manual_seed(classes)
    forth = torch.stack([torch.randperm(classes, generator=source) for _ in range(3)])
    tau = [kendalltau(range(classes), row.tolist()).statistic for row in forth]
    pairs = classes * (classes - 1) / 2

    assert concordance(*both_ways(forth)).tolist() == pytest.approx(
        [round(at * pairs) for at in tau], abs=0
    )


@pytest.mark.parametrize("classes", [2, 50, 32700, 32766, 32767, 40000])
def test_equal_and_opposite_orders_count_every_pair(classes):
    same = torch.arange(classes)
    forth = torch.stack([same, same.flip(0)])
    pairs = classes * (classes - 1) // 2

    assert concordance(*both_ways(forth)).tolist() == [pairs, -pairs]


def test_a_batch_in_several_steps_is_counted_as_in_one(monkeypatch):
    source = torch.Generator().manual_seed(0)
    forth = torch.stack([torch.randperm(40, generator=source) for _ in range(7)])
    whole = concordance(*both_ways(forth))
    monkeypatch.setattr(module, "CLASSES_AT_ONCE", 80)

    assert torch.equal(concordance(*both_ways(forth)), whole)
