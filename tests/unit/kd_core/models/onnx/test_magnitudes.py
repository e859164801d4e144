"""Where the range of a tensor is cut off, and that what is counted is what the graph computes."""

import numpy as np
import pytest
import torch

from kd_core.models.onnx.calibration import seen
from kd_core.models.onnx.magnitudes import BINS, Magnitudes, counted
from tests.support.onnx_graphs import model


def spread(values):
    """Counted by hand."""
    bound = np.abs(values).max()
    counts, _ = np.histogram(np.abs(values[values != 0]), BINS, (0, bound))
    return Magnitudes({"x": (values.min(), values.max())}, {"x": counts})


@pytest.fixture
def bell():
    return np.random.default_rng(0).normal(size=100_000)


def test_a_percentile_leaves_out_one_in_ten_thousand(bell):
    least, greatest = spread(bell).percentile()["x"]
    outside = np.count_nonzero((bell < least) | (bell > greatest))

    assert outside == pytest.approx(10, abs=2)
    assert greatest == pytest.approx(-least)


def test_entropy_cuts_a_long_tail_off_and_leaves_an_even_spread_alone(bell):
    even = np.linspace(-3, 3, 100_001)

    assert max(spread(bell**3).entropy()["x"]) < 0.5 * np.abs(bell**3).max()
    assert (-3, 3) == pytest.approx(spread(even).entropy()["x"], rel=0.02)


def test_a_range_never_reaches_where_nothing_was_seen():
    positive = np.random.default_rng(0).exponential(size=10_000)
    for least, greatest in (spread(positive).percentile()["x"], spread(positive).entropy()["x"]):
        assert positive.min() == least
        assert greatest <= positive.max()


@pytest.mark.parametrize("value", [0.0, 2.0, -2.0])
def test_a_tensor_that_is_always_the_same_keeps_its_range(value):
    same = Magnitudes({"x": (value, value)}, {"x": np.bincount([BINS - 1] * 7, minlength=BINS)})
    none = Magnitudes({"x": (value, value)}, {"x": np.zeros(BINS, np.int64)})

    assert (value, value) == same.percentile()["x"] == same.entropy()["x"]
    assert (value, value) == none.percentile()["x"] == none.entropy()["x"]


def test_every_value_of_every_tensor_is_counted_once():
    graph = model()
    images = [torch.rand(2, 3, 4, 4), torch.rand(1, 3, 4, 4)]
    widest = seen(graph, iter(images), threads=1).widest()
    found = counted(graph, {"images": widest["images"], "logits": (-9, 9)}, iter(images), threads=1)

    assert {"images": 3 * 3 * 4 * 4, "logits": 3 * 2} == {
        name: at.sum() for name, at in found.counts.items()
    }
    assert 0 < np.flatnonzero(found.counts["logits"]).max() < BINS - 1
