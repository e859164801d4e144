"""Cross-entropy with labels that are smoothed, and with labels that are shared between classes."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import one_hot

from kd_core.losses.catalog import LOSSES, TERMS
from kd_core.losses.declaration import DistillBatch
from tests.support.loss_subject import random_batch
from tests.support.slow_losses import SLOW


def cross_entropy(student, labels, **params):
    term = TERMS["ce"](kind="ce", **params)
    return LOSSES["ce"].function(DistillBatch(student_logits=student, labels=labels), term)["ce"]


def shares(samples, classes):
    drawn = torch.rand(samples, classes, generator=torch.Generator().manual_seed(0))
    return (drawn / drawn.sum(dim=1, keepdim=True)).double()


@pytest.mark.parametrize("label_smoothing", [0.0, 0.1, 0.9])
def test_a_label_that_is_all_of_one_class_is_that_class(label_smoothing):
    batch = random_batch(seed=1)
    whole = one_hot(batch.labels, 5).double()

    torch.testing.assert_close(
        cross_entropy(batch.student, whole, label_smoothing=label_smoothing),
        cross_entropy(batch.student, batch.labels, label_smoothing=label_smoothing),
    )


def test_a_shared_label_weighs_the_losses_of_its_classes():
    batch, mixed = random_batch(seed=2, samples=1), shares(1, 5)
    of_each = [cross_entropy(batch.student, torch.tensor([label])) for label in range(5)]

    torch.testing.assert_close(
        cross_entropy(batch.student, mixed), (mixed[0] * torch.stack(of_each)).sum()
    )


@pytest.mark.parametrize("label_smoothing", [0.0, 0.1])
def test_shared_labels_agree_with_the_slow_formula(label_smoothing):
    batch, mixed = random_batch(seed=3), shares(3, 5)
    student = batch.student.requires_grad_()
    value = cross_entropy(student, mixed, label_smoothing=label_smoothing)
    value.backward()
    numbers = (student.tolist(), batch.teacher.tolist(), mixed.tolist())
    settings = {"label_smoothing": label_smoothing}

    assert float(value.detach()) == pytest.approx(SLOW["ce"].value(*numbers, **settings), rel=1e-12)
    torch.testing.assert_close(
        student.grad, student.new_tensor(SLOW["ce"].gradient(*numbers, **settings))
    )


def test_shares_may_be_wider_or_narrower_than_the_logits():
    batch, mixed = random_batch(seed=4), shares(3, 5)
    expected = cross_entropy(batch.student.float(), mixed.float())

    assert torch.equal(cross_entropy(batch.student.float(), mixed), expected)
    torch.testing.assert_close(
        cross_entropy(batch.student.half(), mixed.float()), expected, rtol=1e-2, atol=0
    )


def test_it_says_that_it_takes_shared_labels_and_pld_does_not():
    assert LOSSES["ce"].mixed_labels
    assert not LOSSES["pld"].mixed_labels
