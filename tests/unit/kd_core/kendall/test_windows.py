"""Neighbours and Kendall's count, against all pairs in double precision."""

from __future__ import annotations

import pytest
import torch

from kd_core.kendall import tiles
from kd_core.kendall.measure import Form, measured
from kd_core.kendall.pairwise import pairwise
from kd_core.kendall.windows import windows
from tests.support.rank_pairs import DISTRIBUTIONS, by_the_loop, relative_error

FORMS = [Form.TANH, Form.TEACHER_SIGN]


def batch_of(name, k, form, samples=2, classes=150):
    return measured(*DISTRIBUTIONS[name](samples, classes, torch.float32), k, form)


def assert_exact(batch):
    found = windows(batch)
    expected = pairwise(
        measured(batch.student.double(), batch.teacher.double(), batch.k, batch.form)
    )

    torch.testing.assert_close(found.tau, expected.tau, rtol=0, atol=2e-6)
    assert relative_error(found.slope, expected.slope) < 8e-5


@pytest.mark.parametrize("k", [1e-3, 1, 10, 100, 1e4, 1e7])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_it_is_close_to_all_pairs(name, form, k):
    assert_exact(batch_of(name, k, form))


@pytest.mark.parametrize("k", [3, 300])
@pytest.mark.parametrize("form", FORMS)
def test_it_is_close_to_the_loop(form, k):
    student, teacher = DISTRIBUTIONS["ordinary"](2, 40, torch.float32)
    found = windows(measured(student, teacher, k, form))
    expected = by_the_loop(student, teacher, k, form)

    torch.testing.assert_close(found.tau, expected.tau, rtol=0, atol=1e-6)
    assert relative_error(found.slope, expected.slope) < 1e-5


@pytest.mark.parametrize("classes", [2, 7, 8, 9, 63, 64, 65, 127, 128, 129, 3000])
@pytest.mark.parametrize("form", FORMS)
def test_any_number_of_classes_is_cut_into_tiles(form, classes):
    assert_exact(batch_of("ordinary" if classes > 3 else "alike", 10.0, form, classes=classes))


@pytest.mark.parametrize("gap", [7.9, 8.1, 15.9, 16.1, 31.9, 32.1, 60.0])
def test_the_little_that_comes_from_far_away_is_there(gap):
    """Two heaps of ties: among themselves they push nothing."""
    student = (gap * torch.tensor([0.0, 1.0])).repeat(1, 100)

    assert_exact(measured(student, student.clone(), 1.0, Form.TANH))


@pytest.mark.parametrize("gap", [5.8, 6.3, 7.0])
@pytest.mark.parametrize("upper", [0.5, 0.05])
@pytest.mark.parametrize("order", [1, -1])
def test_crowds_just_beyond_the_first_look_are_not_missed(order, upper, gap):
    """Within each crowd the student knows nothing of what the teacher is sure of, which makes the
    slope large; between them, a large share of all pairs lacks the same little.
    """
    chance = torch.Generator().manual_seed(0)
    of_upper = torch.arange(400) < 400 * upper
    student = order * (gap * of_upper + 1e-4 * torch.randn(4, 400, generator=chance))
    teacher = order * (1000.0 * of_upper + 500 * torch.rand(4, 400, generator=chance))
    batch = measured(student, teacher, 1.0, Form.TANH)

    found = windows(batch)
    expected = pairwise(measured(student.double(), teacher.double(), 1.0, Form.TANH))

    torch.testing.assert_close(found.tau, expected.tau, rtol=0, atol=1e-6)
    assert relative_error(found.slope, expected.slope) < 1e-5


@pytest.mark.parametrize("k_range", [499.0, 501.0])
def test_scaled_rows_and_scaled_gaps_meet_at_the_seam(k_range):
    student, teacher = DISTRIBUTIONS["ordinary"](2, 1000, torch.float32)
    k = k_range / float(student.amax(dim=1).sub(student.amin(dim=1)).max())

    assert_exact(measured(student, teacher, k, Form.TANH))


@pytest.mark.parametrize("pairs", [64, 640, 10**7])
@pytest.mark.parametrize("numbers", [100, 10**7])
def test_the_pairs_taken_at_once_change_nothing(monkeypatch, pairs, numbers):
    monkeypatch.setattr(tiles, "PAIRS_AT_ONCE", pairs)
    monkeypatch.setattr(tiles, "NUMBERS_AT_ONCE", numbers)

    assert_exact(batch_of("ordinary", 10.0, Form.TANH))


@pytest.mark.parametrize("form", FORMS)
def test_a_teacher_without_an_order_pushes_nothing(form):
    found = windows(batch_of("teacher constant", 10.0, form))

    assert found.tau.tolist() == pytest.approx([0, 0], abs=1e-12)
    assert float(found.slope.abs().max()) == 0
