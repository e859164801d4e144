"""Worth of answers, against scikit-learn's and the definitions."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    log_loss,
    precision_score,
    recall_score,
    top_k_accuracy_score,
)

from kd_core.metrics import agreement, calibration_error, quality


def answers(seed, samples=60, classes=8):
    draw = np.random.default_rng(seed)
    logits = torch.from_numpy(draw.normal(size=(samples, classes)).astype(np.float32))
    return logits, torch.from_numpy(draw.permutation(np.arange(samples) % classes))


@given(seed=st.integers(0, 1000))
def test_quality_is_scikit_learns(seed):
    logits, labels = answers(seed)
    given, wanted = logits.argmax(dim=1).numpy(), labels.numpy()
    worth = quality(logits, labels)
    per_class = {"average": None, "labels": range(8), "zero_division": 0}

    assert worth.top1 == pytest.approx(accuracy_score(wanted, given))
    assert worth.top5 == pytest.approx(top_k_accuracy_score(wanted, logits.numpy(), k=5))
    assert worth.macro_f1 == pytest.approx(f1_score(wanted, given, average="macro"))
    assert worth.loss == pytest.approx(log_loss(wanted, logits.double().softmax(dim=1).numpy()))
    assert [s.recall for s in worth.per_class] == pytest.approx(
        recall_score(wanted, given, **per_class)
    )
    assert [s.precision or 0.0 for s in worth.per_class] == pytest.approx(
        precision_score(wanted, given, **per_class)
    )


def test_top5_of_five_classes_is_not_measured():
    assert quality(*answers(0, classes=5)).top5 is None


def test_a_class_without_samples_does_not_lower_macro_f1():
    logits = torch.eye(3)[[0, 0, 1, 1]] * 9
    worth = quality(logits, torch.tensor([0, 0, 1, 1]))

    assert worth.macro_f1 == 1.0
    assert worth.per_class[2].precision is None


def test_sure_and_right_is_calibrated_and_sure_and_wrong_is_not():
    sure = torch.eye(2)[[0, 1]] * 100

    assert calibration_error(sure, torch.tensor([0, 1])) == pytest.approx(0.0)
    assert calibration_error(sure, torch.tensor([1, 0])) == pytest.approx(1.0)


def test_calibration_is_the_gap_between_confidence_and_accuracy():
    logits = torch.tensor([[0.8, 0.2]] * 10).log()
    labels = torch.tensor([0] * 6 + [1] * 4)

    assert calibration_error(logits, labels) == pytest.approx(0.2)


def test_agreement_is_the_share_of_equal_answers():
    first, second = torch.eye(3)[[0, 1, 2, 0]], torch.eye(3)[[0, 1, 1, 1]]

    assert agreement(first, second) == 0.5
