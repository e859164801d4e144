"""A row that is read is the answer that was written, but for what its kind may lose."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kd_core.recording.rows import TOLERANCE, decoded, encoded, width

KINDS = tuple(TOLERANCE)


def answers(seed, samples=5, classes=7, scale=3.0):
    return (scale * np.random.default_rng(seed).standard_normal((samples, classes))).astype(
        np.float32
    )


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), scale=st.sampled_from([1e-3, 1.0, 30.0]))
def test_what_is_read_is_what_was_written(kind, seed, scale):
    logits = answers(seed, scale=scale)
    rows = encoded(kind, logits)
    error = np.abs(decoded(kind, rows) - logits) / np.ptp(logits, axis=1, keepdims=True)

    assert rows.shape == (5, width(kind, 7))
    assert rows.dtype == np.uint8
    assert error.max() <= TOLERANCE[kind]


def test_floats_are_kept_to_the_bit():
    assert np.array_equal(decoded("fp32", encoded("fp32", answers(0))), answers(0))


@pytest.mark.parametrize("kind", KINDS)
def test_a_level_row_stays_level(kind):
    level = np.full((2, 4), 1.5, dtype=np.float32)

    assert np.array_equal(decoded(kind, encoded(kind, level)), level)


@pytest.mark.parametrize("kind", KINDS)
def test_the_best_class_stays_the_best(kind):
    logits = answers(1, samples=200, classes=100)
    kept = decoded(kind, encoded(kind, logits))

    assert (kept.argmax(1) == logits.argmax(1)).mean() > 0.98
