"""One sort of integers is the sort of every row of floats."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kd_core.kendall.order import ascending

finite = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(rows=arrays("float32", st.tuples(st.integers(1, 4), st.integers(2, 9)), elements=finite))
def test_every_row_is_in_ascending_order(rows):
    logits = torch.from_numpy(rows)
    found = ascending(logits)

    assert torch.equal(logits.gather(1, found.classes), logits.sort(dim=1).values)


@pytest.mark.parametrize("classes", [2, 1000, 70000])
def test_the_rank_of_a_class_is_its_place(classes):
    logits = torch.randn(3, classes, generator=torch.Generator().manual_seed(0))
    found = ascending(logits)

    assert torch.equal(found.ranks.gather(1, found.classes), torch.arange(classes).expand(3, -1))


def test_a_tie_goes_to_the_lower_class():
    found = ascending(torch.tensor([[1.0, 0.0, 1.0, 0.0], [2.0, 2.0, 2.0, 2.0]]))

    assert found.classes.tolist() == [[1, 3, 0, 2], [0, 1, 2, 3]]


def test_rows_that_do_not_lie_together_are_sorted_as_well():
    logits = torch.randn(7, 4, generator=torch.Generator().manual_seed(0)).T

    assert torch.equal(ascending(logits).classes, logits.argsort(dim=1))
