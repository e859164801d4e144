"""KD's value and gradient in one pass, against its formula and in floats of either width."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import partial

import pytest
import torch

from kd_core.closed_forms import blocks
from kd_core.losses.catalog import LOSSES
from kd_core.objective import loss
from tests.support.loss_subject import Subject, measure, random_batch

DIRECTIONS = ("forward", "reverse", "symmetric", "js")
CHOICES = [
    {"direction": direction, "standardize": standardize}
    for direction, standardize in itertools.product(DIRECTIONS, (False, True))
]


def kd(**params):
    return Subject(LOSSES["kd"], partial(loss, "kd"), params)


def of_formula(subject, batch):
    """A gradient that can be derived again is the formula's own."""
    student = batch.student.clone().requires_grad_()
    value = subject.loss()(**replace(batch, student=student).inputs)
    (gradient,) = torch.autograd.grad(value, student, create_graph=True)
    return gradient.detach()


def situations(batch):
    far = torch.linspace(-1e3, 1e4, len(batch.student)).to(batch.student).unsqueeze(1)
    return {
        "ordinary": batch,
        "duplicated": replace(batch, teacher=batch.teacher.round()),
        "nearly flat": replace(batch, student=batch.student / 3000),
        "far from 0": replace(batch, student=batch.student + far),
        "wide": replace(batch, student=(batch.student * 8).clamp(-50, 50)),
    }


@pytest.mark.parametrize("params", CHOICES, ids=str)
@pytest.mark.parametrize("t2", [True, False])
@pytest.mark.parametrize("situation", situations(random_batch(seed=0)))
def test_the_gradient_is_that_of_the_formula(params, t2, situation):
    batch = situations(random_batch(seed=1, samples=9, classes=50))[situation]
    subject = kd(**params, t2=t2)

    torch.testing.assert_close(
        measure(subject, batch).gradient, of_formula(subject, batch), rtol=1e-7, atol=1e-10
    )


@pytest.mark.parametrize("params", CHOICES, ids=str)
def test_the_second_derivative_is_that_of_the_gradient(params):
    batch = random_batch(seed=2, samples=2, classes=4)
    student = batch.student.clone().requires_grad_()
    value = kd(**params).loss()

    assert torch.autograd.gradgradcheck(
        lambda logits: value(**replace(batch, student=logits).inputs), student
    )


@pytest.mark.parametrize("params", CHOICES, ids=str)
def test_a_gradient_asked_for_twice_is_the_same(params):
    batch = random_batch(seed=3)
    student = batch.student.clone().requires_grad_()
    value = kd(**params).loss()(**replace(batch, student=student).inputs)
    once, twice = (torch.autograd.grad(value, student, retain_graph=True)[0] for _ in range(2))

    assert torch.equal(once, twice)


@pytest.mark.parametrize("params", CHOICES, ids=str)
@pytest.mark.parametrize("size", [1, 7, 8, 20, 34, 35, 1000])
def test_the_size_of_a_block_changes_nothing(params, size, monkeypatch):
    batch = random_batch(seed=4, samples=5, classes=7)
    expected = measure(kd(**params), batch)
    monkeypatch.setattr(blocks, "BLOCK", size)
    found = measure(kd(**params), batch)

    torch.testing.assert_close(found.value, expected.value, rtol=1e-14, atol=0)
    torch.testing.assert_close(found.gradient, expected.gradient, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("params", CHOICES, ids=str)
@pytest.mark.parametrize("situation", situations(random_batch(seed=0)))
@pytest.mark.parametrize(("samples", "classes"), [(1, 2), (16, 1000), (2, 21841)])
def test_single_precision_is_at_least_as_exact_as_the_formula_in_it(
    params, situation, samples, classes
):
    batch = situations(random_batch(seed=5, samples=samples, classes=classes))[situation]
    single = batch.to(torch.float32)
    exact = measure(kd(**params), single.to(torch.float64)).gradient
    size = max(float(exact.norm()), 1e-6)

    def error(gradient):
        return float((gradient - exact).norm()) / size

    found, plain = measure(kd(**params), single).gradient, of_formula(kd(**params), single)

    assert error(found) <= max(5e-7, 3 * error(plain))


def test_a_level_row_has_a_finite_gradient_when_standardized():
    batch = random_batch(seed=6, samples=2, classes=5).to(torch.float32)
    level = replace(batch, student=torch.full_like(batch.student, 0.1))
    found = measure(kd(standardize=True), level)
    taught = measure(kd(standardize=True), replace(batch, teacher=level.student))

    assert found.is_finite
    assert taught.is_finite
    assert float(found.gradient.abs().max()) > 1e4  # 1e-7 is all that divides it


def test_teacher_and_student_may_differ_in_width():
    batch = random_batch(seed=7)
    narrow = replace(batch, student=batch.student.float())
    found = measure(kd(), narrow)

    assert found.gradient.dtype == torch.float32
    torch.testing.assert_close(found.value.double(), measure(kd(), batch).value, rtol=1e-6, atol=0)


def test_a_student_that_learns_nothing_is_only_valued():
    batch = random_batch(seed=8)
    value = kd().loss()(**batch.inputs)

    assert torch.equal(value, measure(kd(), batch).value)
    assert not value.requires_grad
