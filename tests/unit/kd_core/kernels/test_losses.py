"""The losses that take a kernel on a GPU are, with it, what they are without."""

from __future__ import annotations

import pytest
import torch

from kd_core.objective import loss
from tests.support.loss_subject import random_batch, tied

BATCH = random_batch(seed=3, samples=5, classes=37).to(torch.float32)
LOSSES = [
    ("pld", {}),
    ("pld", {"weights": "uniform"}),
    ("rkkd", {"k": 1.0}),
    ("rkkd", {"k": 10.0, "form": "teacher_sign"}),
    ("rkkd", {"k": 0.5, "form": "product"}),
    ("dkd", {}),
    ("dkd", {"strategy": "top1", "temperature": 1.0}),
    ("gdkd", {}),
    ("gdkd", {"groups": "three", "k": 4}),
    ("gdkd", {"k": "auto", "w1": 4.0}),
    ("gdkd", {"mass_weighting": "v1", "m1": 2.0, "m2": 3.0}),
    ("gdkd", {"mass_weighting": "v2", "m2": 3.0}),
]


@pytest.mark.parametrize("batch", [BATCH, tied(BATCH)], ids=["ordinary", "tied"])
@pytest.mark.parametrize(("kind", "params"), LOSSES)
def test_a_loss_is_the_same_by_its_kernel(interpreted, kind, params, batch):
    student = batch.student.clone().requires_grad_()
    expected = loss(kind, **params)(student, batch.teacher, batch.labels)
    expected.backward()
    value, gradient = interpreted(
        "value_and_gradient_by_kernel", kind, params, batch.student, batch.teacher, batch.labels
    )

    torch.testing.assert_close(value, expected.detach(), rtol=1e-5, atol=1e-6)
    slack = 1e-5 * float(student.grad.abs().max())
    torch.testing.assert_close(gradient, student.grad, rtol=0, atol=slack)
