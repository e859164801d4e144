"""What PLD's curvature and gradient are bound to, for every batch."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kd_core.losses.catalog import LOSSES, TERMS
from kd_core.losses.declaration import DistillBatch
from kd_core.objective import Objective, loss
from tests.support.loss_subject import Batch, Subject, measure, random_batch
from tests.support.strategies import batches

BOUNDED = ("teacher", "uniform", "onehot")

often = settings(max_examples=40, deadline=None)


def curvature(pld, batch):
    """The second derivative of the loss of one sample. [C, C]"""
    hessian = torch.autograd.functional.hessian(
        lambda student: pld(**replace(batch, student=student).inputs), batch.student
    )
    return hessian.squeeze(2).squeeze(0)


@pytest.mark.parametrize("weights", ["teacher", "uniform", "plistmle"])
@often
@given(seed=st.integers(0, 2**32 - 1), classes=st.integers(2, 6))
def test_pld_is_flat_along_a_constant_and_curved_along_all_else(weights, seed, classes):
    batch = random_batch(seed, samples=1, classes=classes)
    unsure = replace(batch, student=batch.student / 3, teacher=batch.teacher / 3)
    hessian = curvature(loss("pld", weights=weights), unsure)
    flat, *curved = torch.linalg.eigvalsh(hessian).tolist()

    assert abs(flat) <= 1e-14 * max(1, curved[-1])
    assert curved[0] > 1e-8
    assert float(hessian.sum(dim=1).abs().max()) <= 1e-14 * max(1, curved[-1])


@pytest.mark.parametrize("weights", BOUNDED)
@often
@given(batch=batches(), temperature=st.floats(0.5, 20), spread=st.sampled_from([0.01, 1, 100]))
def test_the_gradient_of_a_sample_is_two_at_most(weights, batch, temperature, spread):
    subject = Subject(LOSSES["pld"], partial(loss, "pld", weights=weights, temperature=temperature))
    found = measure(subject, replace(batch, student=spread * batch.student))
    sizes = len(batch.labels) * found.gradient.abs().sum(dim=1)

    assert float(sizes.max()) <= 2 + 1e-12


@often
@given(batch=batches())
def test_pld_is_the_same_beside_a_term_that_shares_the_teachers_order(batch):
    tied = Batch(batch.student, batch.teacher.round(), batch.labels)
    objective = Objective([TERMS["pld"](kind="pld"), TERMS["ce"](kind="ce")])
    terms = objective.of(
        DistillBatch(student_logits=tied.student, teacher_logits=tied.teacher, labels=tied.labels)
    )

    assert torch.equal(terms["0.pld.pld"], loss("pld")(**tied.inputs))
