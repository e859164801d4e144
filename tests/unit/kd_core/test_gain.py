"""What the teacher brought, and how sure that is."""

from __future__ import annotations

import pytest
import torch
from scipy import stats

from kd_core.gain import T975, gain, over_seeds

LABELS = torch.arange(200) % 4


def answering(right, seed=0):
    """Logits that answer that many of the samples correctly."""
    order = torch.randperm(200, generator=torch.Generator().manual_seed(seed))
    answers = torch.where(order < right, LABELS, (LABELS + 1) % 4)
    return torch.nn.functional.one_hot(answers, 4).float()


def test_one_seed_has_an_interval_over_the_samples():
    student, baseline = answering(180), answering(150, seed=1)
    right = [(at.argmax(1) == LABELS).double().numpy() for at in (student, baseline)]
    expected = stats.ttest_rel(*right).confidence_interval(0.95)
    found = gain([student], [baseline], LABELS)

    assert found.over == "samples"
    assert found.top1 == pytest.approx(0.15)
    assert (found.low, found.high) == pytest.approx(tuple(expected), abs=1e-3)  # normal, not t


def test_several_seeds_have_an_interval_over_the_seeds():
    ours, theirs = (180, 176, 185), (150, 160, 155)
    expected = stats.ttest_rel([at / 200 for at in ours], [at / 200 for at in theirs])
    found = gain([*map(answering, ours)], [*map(answering, theirs)], LABELS)

    assert found.over == "seeds"
    assert found.top1 == pytest.approx(sum(ours) / 600 - sum(theirs) / 600)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval(0.95)), 1e-3)


def test_top1_that_was_measured_already_has_the_same_interval():
    ours, theirs = (180, 176, 185), (150, 160, 155)
    shares = [[at / 200 for at in right] for right in (ours, theirs)]
    expected = gain([*map(answering, ours)], [*map(answering, theirs)], LABELS)

    assert over_seeds(*shares).model_dump() == pytest.approx(expected.model_dump())


def test_no_difference_is_a_gain_of_nothing():
    found = gain([answering(100)], [answering(100)], LABELS)

    assert (found.low, found.top1, found.high) == (0, 0, 0)


@pytest.mark.parametrize("freedom", range(1, 16))
def test_the_quantiles_are_students(freedom):
    assert T975[freedom - 1] == pytest.approx(stats.t.ppf(0.975, freedom), abs=5e-4)
