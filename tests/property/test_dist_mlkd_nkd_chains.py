"""What DIST, MLKD and NKD promise of every batch, and what ties them to the other losses."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kd_core.losses.catalog import LOSSES
from kd_core.objective import loss
from tests.support.loss_subject import Subject, measure
from tests.support.strategies import batches

TEMPERATURES = st.floats(0.5, 20)
FAR_ABOVE_EPSILON = 1e-4  # 1e-8 is added to it
LISTS = st.lists(TEMPERATURES, min_size=1, max_size=4)

often = settings(max_examples=40, deadline=None)


def close(actual, expected, tolerance=1e-10):
    torch.testing.assert_close(actual, expected, rtol=tolerance, atol=tolerance)


def part(kind, name, batch, **params):
    """One term of a loss, and its gradient."""
    student = batch.student.clone().requires_grad_()
    term = loss(kind, **params).terms(**replace(batch, student=student).inputs)[name]
    (gradient,) = torch.autograd.grad(term, student)
    return term.detach(), gradient


def subject(kind, **params):
    return Subject(LOSSES[kind], partial(loss, kind, **params))


@often
@given(batch=batches(), temperature=TEMPERATURES, beta=st.floats(0.1, 5), gamma=st.floats(0.1, 5))
def test_each_part_of_dist_lies_between_none_and_twice_its_weight(batch, temperature, beta, gamma):
    dist = loss("dist", temperature=temperature, beta=beta, gamma=gamma)
    terms = dist.terms(**batch.inputs)

    assert 0 <= float(terms["inter"]) <= 2 * beta * temperature**2
    assert 0 <= float(terms["intra"]) <= 2 * gamma * temperature**2


@often
@given(batch=batches(), temperature=st.floats(0.5, 8))
def test_dist_is_nearly_nothing_where_the_student_is_the_teacher(batch, temperature):
    """What is added to the norms is small beside them, as long as they are not."""
    equal = replace(batch, student=batch.teacher)
    q = torch.softmax(batch.teacher / temperature, dim=1)
    smallest = {
        "inter": (q - q.mean(dim=1, keepdim=True)).square().sum(dim=1).min(),
        "intra": (q - q.mean(dim=0)).square().sum(dim=0).min(),
    }
    terms = loss("dist", temperature=temperature, beta=1.0, gamma=1.0).terms(**equal.inputs)

    for name, square in smallest.items():
        bound = temperature**2 * 1e-8 / (float(square) + 1e-8)

        assert -1e-12 <= float(terms[name]) <= bound * (1 + 1e-6) + 1e-12


@often
@given(batch=batches(), factor=st.floats(0.1, 0.9))
def test_dist_across_classes_ignores_a_factor_and_a_constant_on_the_probabilities(batch, factor):
    p = torch.softmax(batch.student, dim=1)
    milder = factor * p + (1 - factor) / p.shape[1]  # the rows still sum to 1
    assume(factor * least_norms(batch, dim=1) > FAR_ABOVE_EPSILON)
    dist = loss("dist", temperature=1.0, beta=1.0)
    before = dist.terms(**batch.inputs)["inter"]
    after = dist.terms(**replace(batch, student=milder.log()).inputs)["inter"]

    close(after, before, 1e-3)


@often
@given(batch=batches(), factor=st.floats(0.1, 0.9))
def test_dist_across_samples_ignores_a_blend_with_what_all_samples_share(batch, factor):
    p = torch.softmax(batch.student, dim=1)
    blend = factor * p + (1 - factor) * torch.softmax(batch.teacher[:1], dim=1)
    assume(factor * least_norms(batch, dim=0) > FAR_ABOVE_EPSILON)
    dist = loss("dist", temperature=1.0, gamma=1.0)
    before = dist.terms(**batch.inputs)["intra"]
    after = dist.terms(**replace(batch, student=blend.log()).inputs)["intra"]

    close(after, before, 1e-3)


def least_norms(batch, dim):
    """The least product of the norms that a correlation is divided by."""
    p, q = (torch.softmax(at, dim=1) for at in (batch.student, batch.teacher))
    norms = [(at - at.mean(dim=dim, keepdim=True)).norm(dim=dim) for at in (p, q)]
    return float((norms[0] * norms[1]).min())


@often
@given(batch=batches(), temperature=TEMPERATURES)
def test_a_sample_without_company_has_no_correlation_across_samples(batch, temperature):
    value, gradient = part("dist", "intra", batch.rows([0]), temperature=temperature, gamma=3.0)

    close(value, torch.full_like(value, 3 * temperature**2))
    assert float(gradient.abs().max()) == 0


@often
@given(batch=batches(), temperatures=LISTS, masked=st.booleans())
def test_mlkd_is_nothing_where_the_student_is_the_teacher(batch, temperatures, masked):
    mlkd = subject("mlkd", temperatures=temperatures, enable_mask=masked)
    found = measure(mlkd, replace(batch, student=batch.teacher))

    assert float(found.value) == 0
    assert float(found.gradient.abs().max()) == 0


@often
@given(batch=batches(), temperatures=LISTS)
def test_no_part_of_mlkd_is_negative(batch, temperatures):
    terms = loss("mlkd", temperatures=temperatures).terms(**batch.inputs)

    assert all(float(term) >= -1e-15 for term in terms.values())


@often
@given(batch=batches(), temperatures=LISTS, masked=st.booleans())
def test_mlkd_is_the_sum_of_what_it_is_at_each_temperature(batch, temperatures, masked):
    together = measure(subject("mlkd", temperatures=temperatures, enable_mask=masked), batch)
    apart = [
        measure(subject("mlkd", temperature=at, enable_mask=masked), batch) for at in temperatures
    ]

    close(together.value, sum(found.value for found in apart))
    close(together.gradient, sum(found.gradient for found in apart))


@often
@given(batch=batches(), temperature=TEMPERATURES)
def test_without_masks_the_first_part_of_mlkd_is_kd(batch, temperature):
    value, gradient = part("mlkd", "kd", batch, temperature=temperature, enable_mask=False)
    kd = measure(subject("kd", temperature=temperature), batch)

    close(value, kd.value)
    close(gradient, kd.gradient)


@often
@given(batch=batches(), temperature=TEMPERATURES, gamma=st.floats(0.1, 5))
def test_the_second_part_of_nkd_moves_the_student_as_that_of_dkd_does(batch, temperature, gamma):
    params = {"temperature": temperature}
    _, of_nkd = part("nkd", "rest", batch, gamma=gamma, **params)
    _, of_dkd = part("dkd", "nckd", batch, beta=gamma, **params)

    close(of_nkd, of_dkd)


@often
@given(batch=batches(), temperature=TEMPERATURES)
def test_the_second_part_of_nkd_is_least_where_the_student_is_the_teacher(batch, temperature):
    at_teacher, gradient = part(
        "nkd", "rest", replace(batch, student=batch.teacher), temperature=temperature
    )
    elsewhere, _ = part("nkd", "rest", batch, temperature=temperature)

    close(gradient, torch.zeros_like(gradient))
    assert 0 <= float(at_teacher) <= float(elsewhere) + 1e-12


@often
@given(batch=batches())
def test_the_first_part_of_nkd_is_cross_entropy_weighed_by_the_teachers_belief(batch):
    belief = torch.softmax(batch.teacher, dim=1).gather(1, batch.labels[:, None]).squeeze(1)
    cross = torch.nn.functional.cross_entropy(batch.student, batch.labels, reduction="none")

    close(loss("nkd").terms(**batch.inputs)["target"], (belief * cross).mean())


@pytest.mark.parametrize("seed", range(3))
def test_with_two_classes_nkd_has_no_second_part(seed):
    source = torch.Generator().manual_seed(seed)
    student, teacher = 30 * torch.randn(2, 5, 2, generator=source)
    rest = loss("nkd", temperature=2.0).terms(student, teacher, torch.tensor([0, 1, 1, 0, 1]))[
        "rest"
    ]

    assert float(rest) == 0
