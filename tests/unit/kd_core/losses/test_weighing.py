"""The weight of a term over time: warm-up, decay, and both."""

from __future__ import annotations

import pytest

from kd_core.losses.weighing import Decay, factor


@pytest.mark.parametrize(
    ("epoch", "warmup", "expected"),
    [(1, 20, 1 / 20), (10, 20, 0.5), (20, 20, 1.0), (21, 20, 1.0), (1, 1, 1.0), (1, 0, 1.0)],
)
def test_a_warm_up_begins_with_its_first_step_and_is_done_after_so_many_epochs(
    epoch, warmup, expected
):
    assert expected == factor(epoch, warmup, None)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [("linear", [1.0, 1.0, 0.775, 0.55, 0.325, 0.1, 0.1]), ("cosine", None)],
)
def test_a_decay_falls_from_the_whole_weight_to_what_is_left(shape, expected):
    decay = Decay(epochs=4, from_epoch=2, final_fraction=0.1, shape=shape)
    found = [factor(epoch, 0, decay) for epoch in range(1, 8)]

    assert found[:2] == [1.0, 1.0]
    assert found[3] == pytest.approx(0.55)
    assert found[5:] == pytest.approx([0.1, 0.1])
    assert found == sorted(found, reverse=True)
    if expected:
        assert found == pytest.approx(expected)


def test_warm_up_and_decay_multiply():
    decay = Decay(epochs=10, shape="linear")

    assert factor(6, 12, decay) == pytest.approx(0.5 * 0.5)


def test_without_an_epoch_the_weight_is_whole():
    assert factor(None, 20, Decay(epochs=1)) == 1.0
