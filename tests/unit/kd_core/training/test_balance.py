"""A term without a say, or with all of it, is spoken of."""

from __future__ import annotations

import pytest

from kd_core.training.balance import Balance
from tests.support import toys

TWO = ({"kind": "ce"}, {"kind": "dkd"})


def spoken(balance, epoch, *steps):
    for step in steps:
        balance.add(step)
    return [(warning.code, warning.message) for warning in balance.finish_epoch(epoch)]


def step(first, second, third=0.0):
    return {"0.ce.ce": first, "1.dkd.tckd": second, "1.dkd.nckd": third, "loss": 9.0}


def test_a_term_without_a_say_is_named_with_its_share():
    found = spoken(Balance(toys.objective(*TWO)), 3, step(99.5, 0.5))

    assert found == [
        ("term_dominant", "the term 0.ce made up 99.50% of the loss in epoch 3"),
        ("term_negligible", "the term 1.dkd made up 0.50% of the loss in epoch 3"),
    ]


@pytest.mark.parametrize("sizes", [(94.0, 6.0), (6.0, 94.0), (50.0, 50.0)])
def test_terms_in_balance_are_not_spoken_of(sizes):
    assert spoken(Balance(toys.objective(*TWO)), 1, step(*sizes)) == []


def test_the_parts_of_a_term_count_together():
    assert spoken(Balance(toys.objective(*TWO)), 1, step(90.0, 0.1, 9.9)) == []


def test_the_share_is_that_of_the_whole_epoch():
    assert spoken(Balance(toys.objective(*TWO)), 1, step(1.0, 0.0), step(0.0, 1.0)) == []


def test_it_is_said_once_until_the_term_is_in_balance_again():
    balance = Balance(toys.objective(*TWO))
    out, even = step(1.0, 0.0), step(1.0, 1.0)

    assert [
        len(spoken(balance, epoch, at)) for epoch, at in enumerate((out, out, even, out), 1)
    ] == [
        2,
        0,
        0,
        2,
    ]


def test_a_lone_term_is_all_of_the_loss_by_right():
    balance = Balance(toys.objective({"kind": "ce"}))

    assert spoken(balance, 1, {"0.ce.ce": 1.0}) == []


def test_a_term_that_warms_up_is_small_because_it_was_asked_to_be():
    balance = Balance(toys.objective({"kind": "ce"}, {"kind": "dkd", "warmup_epochs": 5}))

    assert [code for code, _ in spoken(balance, 4, step(1.0, 0.001))] == ["term_dominant"]
    assert [code for code, _ in spoken(balance, 5, step(1.0, 0.001))] == ["term_negligible"]


def test_a_bad_step_counts_for_nothing():
    nan = float("nan")

    assert spoken(Balance(toys.objective(*TWO)), 1, step(nan, nan), step(1.0, 1.0)) == []


def test_what_was_added_up_survives_a_resume():
    before, after = Balance(toys.objective(*TWO)), Balance(toys.objective(*TWO))
    before.add(step(1.0, 0.0))
    after.restore(before.state())

    assert spoken(after, 1, step(0.0, 1.0)) == []
