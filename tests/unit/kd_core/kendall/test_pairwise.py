"""All pairs in blocks, against the loop over floats."""

from __future__ import annotations

import pytest
import torch

from kd_core.kendall.measure import Form, measured
from kd_core.kendall.pairwise import blocks, pairwise
from tests.support.loss_subject import random_batch
from tests.support.rank_pairs import DISTRIBUTIONS, by_the_loop, relative_error

FORMS = list(Form)


def measure(student, teacher, k, form, **options):
    return pairwise(measured(student, teacher, k, form), **options)


@pytest.mark.parametrize("k", [1e-3, 0.5, 4, 100, 1e7])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_it_is_the_loop_in_double_precision(name, form, k):
    student, teacher = DISTRIBUTIONS[name](2, 40, torch.float64)
    found, expected = (of(student, teacher, k, form) for of in (measure, by_the_loop))

    torch.testing.assert_close(found.tau, expected.tau, rtol=1e-12, atol=1e-12)
    assert relative_error(found.slope, expected.slope) < 1e-12


@pytest.mark.parametrize("k", [1e-3, 0.5, 4, 100, 1e7])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_it_is_close_to_the_loop_in_single_precision(name, form, k):
    student, teacher = DISTRIBUTIONS[name](2, 40, torch.float32)
    found = measure(student, teacher, k, form)
    expected = by_the_loop(student, teacher, k, form)

    torch.testing.assert_close(found.tau, expected.tau, rtol=0, atol=1e-6)
    assert relative_error(found.slope, expected.slope) < 1e-5


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", [1, 7, 49, 50, 98, 147, 10**6])
def test_the_size_of_the_blocks_changes_nothing(size, form):
    batch = random_batch(seed=1, samples=3, classes=7)
    whole, parts = (
        measure(batch.student, batch.teacher, 2.0, form, **options)
        for options in ({}, {"size": size})
    )

    torch.testing.assert_close(parts, whole, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize(("samples", "classes"), [(1, 2), (5, 2), (3, 9), (2, 300)])
@pytest.mark.parametrize("size", [1, 10, 1000, 65536])
def test_the_blocks_cover_every_class_once_and_keep_to_their_size(samples, classes, size):
    seen = torch.zeros(samples, classes)
    for block in blocks(seen, size):
        seen[block.samples, block.classes] += 1

        assert block.gaps("gaps", seen).numel() <= max(size, classes)
    assert bool((seen == 1).all())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("exponent", [79.9, 80.1])
def test_the_exponentials_and_the_gaps_meet_at_the_seam(form, exponent):
    student, teacher = (torch.linspace(0, 1, 50).roll(at).expand(2, -1) for at in (0, 17))
    found = measure(student, teacher, exponent / 2, form)
    expected = by_the_loop(student, teacher, exponent / 2, form)

    assert relative_error(found.slope, expected.slope) < 1e-5


def test_the_inputs_are_left_as_they_were():
    student, teacher = DISTRIBUTIONS["ordinary"](2, 40, torch.float32)
    before = student.clone(), teacher.clone()
    measure(student, teacher, 3.0, Form.TANH)

    assert torch.equal(student, before[0])
    assert torch.equal(teacher, before[1])
