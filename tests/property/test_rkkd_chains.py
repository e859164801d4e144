"""What holds for RKKD whatever the batch: it is Kendall's tau, seen through a smooth step."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau

from kd_core.losses.catalog import LOSSES
from kd_core.objective import loss
from tests.support.loss_subject import Subject, measure, random_batch
from tests.support.strategies import batches

FORMS = ("tanh", "teacher_sign", "product")
STEEPNESS = st.floats(1e-3, 1e3)

often = settings(max_examples=40, deadline=None)


def value(batch, **params):
    return float(loss("rkkd", **params)(batch.student, batch.teacher))


def without_near_ties(batch):
    """In the same order, with gaps that a steep tanh takes for full ones."""
    student, teacher = (
        logits.argsort(dim=1).argsort(dim=1) / 7.0 for logits in (batch.student, batch.teacher)
    )
    return replace(batch, student=student.double(), teacher=teacher.double())


@pytest.mark.parametrize("form", FORMS)
@often
@given(batch=batches())
def test_a_steep_rkkd_is_kendalls_tau(form, batch):
    pairs = zip(batch.student.tolist(), batch.teacher.tolist(), strict=True)
    tau = sum(kendalltau(s, t).statistic for s, t in pairs) / len(batch.student)

    assert value(without_near_ties(batch), k=1e6, form=form) == pytest.approx(1 - tau, abs=1e-12)


@pytest.mark.parametrize("classes", [300, 1500])
def test_a_steep_rkkd_is_kendalls_tau_of_many_classes_in_single_precision(classes):
    batch = random_batch(seed=1, samples=3, classes=classes).to(torch.float32)
    pairs = zip(batch.student.tolist(), batch.teacher.tolist(), strict=True)
    tau = sum(kendalltau(s, t).statistic for s, t in pairs) / 3

    assert value(batch, k=1e7) == pytest.approx(1 - tau, abs=1e-5)


@pytest.mark.parametrize("form", ["tanh", "product"])
@often
@given(batch=batches(), k=STEEPNESS)
def test_the_student_and_the_teacher_may_change_places(form, batch, k):
    swapped = replace(batch, student=batch.teacher, teacher=batch.student)

    assert value(swapped, k=k, form=form) == pytest.approx(value(batch, k=k, form=form), rel=1e-12)


@pytest.mark.parametrize("form", FORMS)
@often
@given(batch=batches(), k=STEEPNESS)
def test_a_student_with_all_signs_turned_has_the_opposite_tau(form, batch, k):
    turned = replace(batch, student=-batch.student)
    tau, opposite = (1 - value(of, k=k, form=form) for of in (batch, turned))

    assert opposite == pytest.approx(-tau, abs=1e-12)


@pytest.mark.parametrize("form", FORMS)
@often
@given(batch=batches(), k=STEEPNESS)
def test_it_lies_between_0_and_2(form, batch, k):
    assert 0 <= value(batch, k=k, form=form) <= 2


@pytest.mark.parametrize("form", ["tanh", "teacher_sign"])
@often
@given(batch=batches(), k=STEEPNESS)
def test_no_class_of_a_sample_is_pushed_harder_than_2_k_over_c(form, batch, k):
    subject = Subject(LOSSES["rkkd"], partial(loss, "rkkd", k=k, form=form))
    push = measure(subject, batch).gradient.abs().max() * len(batch.student)

    assert float(push) <= 2 * k / batch.student.shape[1] * (1 + 1e-12)


@pytest.mark.parametrize("form", FORMS)
@often
@given(batch=batches(), k=STEEPNESS)
def test_a_teacher_that_knows_no_order_asks_for_nothing(form, batch, k):
    tied = replace(batch, teacher=torch.full_like(batch.teacher, 2.5))
    found = measure(Subject(LOSSES["rkkd"], partial(loss, "rkkd", k=k, form=form)), tied)

    assert float(found.value) == 1
    assert float(found.gradient.abs().max()) == 0


@often
@given(batch=batches())
def test_the_labels_of_a_batch_do_not_matter_to_rkkd(batch):
    rkkd = loss("rkkd")
    inputs = batch.inputs | {"labels": torch.zeros_like(batch.labels)}

    assert torch.equal(rkkd(**inputs), rkkd(**batch.inputs))


@pytest.mark.parametrize("form", FORMS)
def test_the_second_derivative_is_that_of_the_formula(form):
    batch = random_batch(seed=3, samples=2, classes=4)
    student = batch.student.clone().requires_grad_()
    rkkd = loss("rkkd", k=0.5, form=form)

    assert torch.autograd.gradgradcheck(lambda logits: rkkd(logits, batch.teacher), student)
