"""The learnable parts of losses: who makes them, and what they learn."""

from __future__ import annotations

import math

import pytest
import torch

import kd_core
from tests.support.loss_subject import random_batch

BATCH = random_batch(seed=2, samples=4, classes=6)


def learned(epoch, **params):
    """The gradient that reaches theta, at an epoch."""
    loss = kd_core.loss("ctkd", **params)
    loss(**BATCH.inputs, epoch=epoch).backward()
    return float(loss.adapters().theta.grad)


def slope(theta):
    """Of the loss in theta, by central differences."""
    step = 1e-6
    above, below = (
        kd_core.loss("ctkd", theta=theta + sign * step)(**BATCH.inputs).item() for sign in (1, -1)
    )
    return (above - below) / (2 * step)


def test_a_loss_without_learnable_parts_has_an_empty_module():
    assert list(kd_core.loss("kd").adapters().parameters()) == []


def test_a_learnable_part_is_made_once():
    loss = kd_core.loss("ctkd")

    assert loss.adapters() is loss.adapters()
    assert len(list(loss.adapters().parameters())) == 1


def test_ctkd_is_kd_at_the_temperature_it_stands_at():
    temperature = 1 + 20 / (1 + math.exp(-1.0))
    expected = kd_core.loss("kd", temperature=temperature)(**BATCH.inputs)
    loss = kd_core.loss("ctkd")

    torch.testing.assert_close(loss(**BATCH.inputs), expected)
    assert loss.adapters().readings() == {"temperature": pytest.approx(temperature)}


def test_the_temperature_learns_against_the_student():
    assert learned(None) == pytest.approx(-slope(1.0), rel=1e-6)


@pytest.mark.parametrize(("epoch", "share"), [(1, 0.0245), (5, 0.5), (10, 1.0), (99, 1.0)])
def test_it_comes_to_learn_along_a_cosine(epoch, share):
    assert learned(epoch) == pytest.approx(-share * slope(1.0), rel=2e-3)
