"""PLD's value and gradient in one pass, against its formula and in floats of either width."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
import torch

from kd_core.closed_forms import blocks
from kd_core.losses.catalog import LOSSES
from kd_core.objective import loss
from tests.support.loss_subject import Subject, measure, random_batch, tied

WEIGHTS = ("teacher", "uniform", "onehot")
SHAPES = [(1, 2), (3, 7), (16, 1000), (2, 21841)]


def pld(**params):
    return Subject(LOSSES["pld"], partial(loss, "pld"), params)


def of_formula(subject, batch):
    """A gradient that can be derived again is the formula's own."""
    student = batch.student.clone().requires_grad_()
    value = subject.loss()(**replace(batch, student=student).inputs)
    (gradient,) = torch.autograd.grad(value, student, create_graph=True)
    return gradient.detach()


def situations(batch):
    """Logits by which the sums of exponentials are chosen, moved first, or given up."""
    far = torch.linspace(-1e3, 1e4, len(batch.student)).to(batch.student).unsqueeze(1)
    return {
        "ordinary": batch,
        "duplicated": tied(batch),
        "nearly flat": replace(batch, student=batch.student / 3000),
        "far from 0": replace(batch, student=batch.student + far),
        "wide": replace(batch, student=(batch.student * 8).clamp(-50, 50)),
        "very wide": replace(batch, student=batch.student * 1e4),
    }


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("situation", situations(random_batch(seed=0)))
@pytest.mark.parametrize(("samples", "classes"), SHAPES[:3])
def test_the_gradient_is_that_of_the_formula(weights, situation, samples, classes):
    batch = situations(random_batch(seed=1, samples=samples, classes=classes))[situation]
    subject = pld(weights=weights)

    torch.testing.assert_close(
        measure(subject, batch).gradient, of_formula(subject, batch), rtol=0, atol=1e-10
    )


@pytest.mark.parametrize("weights", WEIGHTS)
def test_the_second_derivative_is_that_of_the_gradient(weights):
    batch = random_batch(seed=2, samples=2, classes=4)
    student = batch.student.clone().requires_grad_()
    value = pld(weights=weights).loss()

    assert torch.autograd.gradgradcheck(
        lambda logits: value(**replace(batch, student=logits).inputs), student
    )


def test_a_gradient_asked_for_twice_is_the_same():
    batch = random_batch(seed=3)
    student = batch.student.clone().requires_grad_()
    value = pld().loss()(**replace(batch, student=student).inputs)
    once, twice = (torch.autograd.grad(value, student, retain_graph=True)[0] for _ in range(2))

    assert torch.equal(once, twice)


@pytest.mark.parametrize("size", [1, 7, 8, 20, 34, 35, 1000])
def test_the_size_of_a_block_changes_nothing(size, monkeypatch):
    batch = random_batch(seed=4, samples=5, classes=7)
    expected = measure(pld(), batch)
    monkeypatch.setattr(blocks, "BLOCK", size)
    found = measure(pld(), batch)

    torch.testing.assert_close(found.value, expected.value, rtol=1e-14, atol=0)
    assert torch.equal(found.gradient, expected.gradient)


@pytest.mark.parametrize("situation", situations(random_batch(seed=0)))
@pytest.mark.parametrize(("samples", "classes"), SHAPES)
def test_single_precision_is_at_least_as_exact_as_the_formula_in_it(situation, samples, classes):
    batch = situations(random_batch(seed=5, samples=samples, classes=classes))[situation]
    single = batch.to(torch.float32)
    exact = measure(pld(), single.to(torch.float64)).gradient

    def error(gradient):
        return float((gradient - exact).norm() / exact.norm())

    assert error(measure(pld(), single).gradient) <= max(5e-7, 3 * error(of_formula(pld(), single)))


def test_the_smallest_weights_are_not_lost_among_very_many():
    """torch.softmax of such a row, its logits descending, is wrong by 2e-5."""
    batch = tied(random_batch(seed=6, samples=4, classes=21841)).to(torch.float32)
    exact = measure(pld(), batch.to(torch.float64)).value

    assert float(measure(pld(), batch).value) == pytest.approx(float(exact), rel=3e-7)


def test_a_student_that_learns_nothing_is_only_valued():
    batch = random_batch(seed=7)
    value = pld().loss()(**batch.inputs)

    assert torch.equal(value, measure(pld(), batch).value)
    assert not value.requires_grad
