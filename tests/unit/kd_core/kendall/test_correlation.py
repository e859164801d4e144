"""The algorithm that is chosen, whatever the batch: near to all pairs in double precision."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kd_core.kendall.choice import Algorithm, cheapest
from kd_core.kendall.correlation import rank_correlation
from kd_core.kendall.measure import Form, measured
from kd_core.kendall.pairwise import pairwise
from tests.support.rank_pairs import DISTRIBUTIONS, relative_error

FORMS = list(Form)


def chosen(samples, classes, k, form=Form.TANH, dtype=torch.float32):
    return cheapest(measured(*DISTRIBUTIONS["ordinary"](samples, classes, dtype), k, form))


def assert_exact(student, teacher, k, form):
    found = rank_correlation(student, teacher, k, form)
    expected = pairwise(measured(student.double(), teacher.double(), k, form))

    torch.testing.assert_close(found.tau, expected.tau, rtol=0, atol=1e-5)
    assert relative_error(found.slope, expected.slope) < 1e-4


@pytest.mark.parametrize(
    ("k", "algorithm"),
    [(1, Algorithm.MESH), (10, Algorithm.WINDOWS), (100, Algorithm.WINDOWS)],
)
def test_many_classes_are_not_looked_at_pair_by_pair(k, algorithm):
    assert chosen(16, 1000, k) is algorithm
    assert chosen(128, 1000, k) is algorithm


@pytest.mark.parametrize("k", [1, 10, 100])
def test_every_pair_is_looked_at_where_they_are_few_or_must_be_exact(k):
    assert chosen(4, 10, k) is Algorithm.PAIRWISE
    assert chosen(4, 1000, k, dtype=torch.float64) is Algorithm.PAIRWISE
    assert chosen(4, 1000, k, form=Form.PRODUCT) is Algorithm.PAIRWISE


def test_a_grid_never_grows_beyond_its_bound():
    huge = measured(*DISTRIBUTIONS["huge range"](2, 21841, torch.float32), 1.0, Form.TANH)

    assert cheapest(huge) is not Algorithm.MESH


@pytest.mark.parametrize("k", [1e-3, 0.3, 1, 3, 10, 100, 1e7])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_the_choice_is_right_with_many_classes(name, form, k):
    assert_exact(*DISTRIBUTIONS[name](2, 700, torch.float32), k, form)


@settings(max_examples=60, deadline=None)
@given(
    samples=st.integers(1, 3),
    classes=st.integers(2, 900),
    exponent=st.floats(-3, 7),
    form=st.sampled_from(FORMS),
    name=st.sampled_from([*DISTRIBUTIONS]),
)
def test_the_choice_is_right_anywhere(samples, classes, exponent, form, name):
    classes = max(classes, 4) if "outlier" in name else classes

    assert_exact(*DISTRIBUTIONS[name](samples, classes, torch.float32), 10**exponent, form)


@pytest.mark.parametrize("classes", [5, 1000])
@pytest.mark.parametrize("bad", [torch.nan, torch.inf, -torch.inf])
def test_a_logit_that_is_no_number_is_not_hidden(classes, bad):
    student, teacher = DISTRIBUTIONS["ordinary"](2, classes, torch.float32)
    spoiled = student.clone()
    spoiled[1, 3] = bad

    assert bool(rank_correlation(spoiled, teacher, 1.0, Form.TANH).tau.isnan().all())
    assert bool(rank_correlation(student, spoiled, 1.0, Form.TANH).tau.isnan().all())


@pytest.mark.parametrize("k", [1, 10, 100])
def test_the_inputs_are_left_as_they_were(k):
    given_ = DISTRIBUTIONS["ordinary"](2, 1000, torch.float32)
    before = [logits.clone() for logits in given_]
    rank_correlation(*given_, k, Form.TANH)

    assert all(torch.equal(*pair) for pair in zip(given_, before, strict=True))


@pytest.mark.parametrize("k", [1, 10, 100])
def test_logits_that_do_not_lie_together_are_the_same_logits(k):
    student, teacher = DISTRIBUTIONS["ordinary"](2, 1000, torch.float32)
    scattered = student.T.contiguous().T, teacher.repeat_interleave(2, dim=1)[:, ::2]

    torch.testing.assert_close(
        rank_correlation(*scattered, k, Form.TANH),
        rank_correlation(student, teacher, k, Form.TANH),
    )


@pytest.mark.parametrize("k", [1, 10, 100])
def test_the_same_logits_give_the_same_bits(k):
    given_ = DISTRIBUTIONS["ordinary"](2, 1000, torch.float32)
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True)
    first, again = (rank_correlation(*given_, k, Form.TANH) for _ in range(2))
    torch.use_deterministic_algorithms(before)

    assert torch.equal(first.tau, again.tau)
    assert torch.equal(first.slope, again.slope)
