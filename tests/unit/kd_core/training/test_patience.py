"""When training has stopped getting better."""

import pytest

from kd_core.spec.recipe import EarlyStopping
from kd_core.training.patience import has_settled


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([], False),
        ([0.5], False),
        ([0.5, 0.4], False),
        ([0.5, 0.4, 0.5], True),
        ([0.5, 0.4, 0.6], False),
        ([0.5, 0.509, 0.51], True),
        ([0.5, 0.505, 0.512], False),
        ([0.0, 0.0, 0.0], True),
    ],
)
def test_training_has_settled_when_epochs_pass_without_a_better_one(history, expected):
    settings = EarlyStopping(patience=2, min_delta=0.01)

    assert expected is has_settled(history, settings)


def test_nothing_settles_unless_it_is_asked_for():
    assert not has_settled([0.5] * 100, None)
