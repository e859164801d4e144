"""What KD's directions and options are bound to, for every batch."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kd_core.losses.catalog import LOSSES
from kd_core.objective import loss
from tests.support.loss_subject import Batch, Subject, measure, random_batch
from tests.support.strategies import batches

TEMPERATURES = st.floats(0.5, 20)
DIRECTIONS = ("forward", "reverse", "symmetric", "js")

often = settings(max_examples=40, deadline=None)


def kd(**params):
    return Subject(LOSSES["kd"], partial(loss, "kd"), params)


def close(actual, expected, tolerance=1e-10):
    torch.testing.assert_close(actual, expected, rtol=tolerance, atol=tolerance)


def exchanged(batch):
    return replace(batch, student=batch.teacher, teacher=batch.student)


@often
@given(batch=batches(), temperature=TEMPERATURES)
def test_the_forward_gradient_is_the_difference_of_the_distributions(batch, temperature):
    p, q = (torch.softmax(at / temperature, dim=1) for at in (batch.student, batch.teacher))

    close(measure(kd(temperature=temperature), batch).gradient, temperature * (p - q) / len(p))


@often
@given(batch=batches(), temperature=TEMPERATURES, direction=st.sampled_from(["symmetric", "js"]))
def test_what_is_symmetric_is_the_same_with_the_models_exchanged(batch, temperature, direction):
    either = loss("kd", direction=direction, temperature=temperature)

    close(either(**exchanged(batch).inputs), either(**batch.inputs))


@often
@given(batch=batches(), temperature=TEMPERATURES)
def test_reverse_is_forward_with_the_models_exchanged(batch, temperature):
    forward, reverse = (
        loss("kd", direction=direction, temperature=temperature)
        for direction in ("forward", "reverse")
    )

    close(reverse(**batch.inputs), forward(**exchanged(batch).inputs))


@often
@given(batch=batches(), temperature=TEMPERATURES, spread=st.sampled_from([1, 10, 1000]))
def test_js_is_at_most_the_logarithm_of_two(batch, temperature, spread):
    far = replace(batch, student=spread * batch.student, teacher=-spread * batch.teacher)
    value = float(loss("kd", direction="js", temperature=temperature, t2=False)(**far.inputs))

    assert 0 <= value <= math.log(2) * (1 + 1e-12)


def test_js_of_distributions_that_share_nothing_is_the_logarithm_of_two():
    sure = 500 * torch.eye(2, 4, dtype=torch.float64)
    apart = Batch(sure, sure.flip(0), torch.tensor([0, 1]))
    found = measure(kd(direction="js", temperature=1.0), apart)

    close(found.value, torch.tensor(math.log(2), dtype=torch.float64), 1e-15)


@pytest.mark.parametrize("direction", DIRECTIONS)
@often
@given(batch=batches(), temperature=TEMPERATURES)
def test_the_square_of_the_temperature_is_all_that_t2_adds(direction, batch, temperature):
    given_, scaled = (
        measure(kd(direction=direction, temperature=temperature, t2=t2), batch)
        for t2 in (False, True)
    )

    close(scaled.value, temperature**2 * given_.value)
    close(scaled.gradient, temperature**2 * given_.gradient)


@pytest.mark.parametrize(
    ("direction", "share"), [("forward", 1), ("reverse", 1), ("symmetric", 1), ("js", 1 / 4)]
)
@often
@given(batch=batches())
def test_hot_enough_it_is_the_distance_of_the_centred_logits(direction, share, batch):
    """All divergences look alike from afar; what js compares with, the middle, is half as far."""
    s, t = (at - at.mean(dim=1, keepdim=True) for at in (batch.student, batch.teacher))
    distance = ((s - t) ** 2).sum(dim=1).mean() / (2 * s.shape[1])
    hot = loss("kd", direction=direction, temperature=1000.0)(**batch.inputs)

    torch.testing.assert_close(hot, share * distance, rtol=0.05, atol=1e-4)


@pytest.mark.parametrize("direction", DIRECTIONS)
@often
@given(
    batch=batches(),
    temperature=TEMPERATURES,
    scales=st.tuples(st.floats(0.1, 10), st.floats(0.1, 10)),
    shift=st.floats(-50, 50),
)
def test_standardized_logits_may_be_scaled_and_moved(direction, batch, temperature, scales, shift):
    lskd = loss("kd", direction=direction, temperature=temperature, standardize=True)
    student, teacher = (
        scale * logits + shift
        for scale, logits in zip(scales, (batch.student, batch.teacher), strict=True)
    )

    # 1e-7 beside a deviation that two close logits make small is not nothing.
    close(
        lskd(**replace(batch, student=student, teacher=teacher).inputs), lskd(**batch.inputs), 1e-3
    )


@pytest.mark.parametrize("direction", DIRECTIONS)
@often
@given(seed=st.integers(0, 2**32 - 1), temperature=TEMPERATURES)
def test_a_standardized_gradient_is_at_right_angles_to_the_logits(direction, seed, temperature):
    batch = random_batch(seed, samples=4, classes=10)
    subject = kd(direction=direction, temperature=temperature, standardize=True)
    gradient = measure(subject, batch).gradient
    centred = batch.student - batch.student.mean(dim=1, keepdim=True)
    along = (gradient * centred).sum(dim=1)

    # The 1e-7 beside the deviation bends the angle by as much.
    assert bool((along.abs() <= 1e-6 * gradient.norm(dim=1) * centred.norm(dim=1)).all())
    assert float(gradient.norm()) > 0
