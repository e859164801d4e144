"""Classes through a grid, against all pairs in double precision."""

from __future__ import annotations

import pytest
import torch

from kd_core.kendall import mesh as module
from kd_core.kendall.measure import Form, RankCorrelation, measured
from kd_core.kendall.mesh import is_trusted, mesh
from kd_core.kendall.pairwise import pairwise
from tests.support.rank_pairs import DISTRIBUTIONS, by_the_loop, relative_error

MODERATE = [name for name in DISTRIBUTIONS if "outlier" not in name and name != "huge range"]


def batch_of(name, k, samples=2, classes=300):
    return measured(*DISTRIBUTIONS[name](samples, classes, torch.float32), k, Form.TANH)


def exactly(batch):
    return pairwise(measured(batch.student.double(), batch.teacher.double(), batch.k, batch.form))


@pytest.mark.parametrize("k", [1e-3, 0.1, 1, 3])
@pytest.mark.parametrize("name", MODERATE)
def test_it_is_close_to_all_pairs_or_not_trusted(name, k):
    batch = batch_of(name, k)
    found, expected = mesh(batch), exactly(batch)

    torch.testing.assert_close(found.tau, expected.tau, rtol=0, atol=2e-6)
    if is_trusted(found, batch):
        assert relative_error(found.slope, expected.slope) < 3e-5


def test_it_is_trusted_with_the_logits_of_networks():
    batches = [batch_of(name, 1.0) for name in ("ordinary", "student flat", "teacher flat")]

    assert [is_trusted(mesh(batch), batch) for batch in batches] == [True, True, True]


def test_it_is_not_trusted_where_only_the_far_pairs_push():
    student = torch.tensor([[0.0, 12.0] * 50])
    batch = measured(student, student.clone(), 1.0, Form.TANH)

    assert not is_trusted(mesh(batch), batch)


@pytest.mark.parametrize("k", [0.2, 2])
def test_it_is_close_to_the_loop(k):
    student, teacher = DISTRIBUTIONS["ordinary"](2, 40, torch.float32)
    found = mesh(measured(student, teacher, k, Form.TANH))
    expected = by_the_loop(student, teacher, k, "tanh")

    torch.testing.assert_close(found.tau, expected.tau, rtol=0, atol=1e-6)
    assert relative_error(found.slope, expected.slope) < 1e-5


@pytest.mark.parametrize("name", ["ordinary", "both tied", "two values", "student constant"])
def test_it_is_close_with_thousands_of_classes(name):
    batch = batch_of(name, 1.0, samples=1, classes=5000)
    found, expected = mesh(batch), exactly(batch)

    torch.testing.assert_close(found.tau, expected.tau, rtol=0, atol=2e-6)
    assert relative_error(found.slope, expected.slope) < 3e-5


@pytest.mark.parametrize("at_once", [1, 300, 600, 900])
def test_the_samples_taken_at_once_change_nothing(monkeypatch, at_once):
    batch = batch_of("ordinary", 1.0, samples=5)
    expected = mesh(batch)
    monkeypatch.setattr(module, "CLASSES_AT_ONCE", at_once)
    found = mesh(batch)

    assert isinstance(found, RankCorrelation)
    torch.testing.assert_close(found.tau, expected.tau)
    assert relative_error(found.slope, expected.slope.double()) < 1e-6


def test_a_teacher_without_an_order_pushes_nothing():
    batch = batch_of("teacher constant", 1.0)
    found = mesh(batch)

    assert float(found.tau.abs().max()) == 0
    assert float(found.slope.abs().max()) == 0
