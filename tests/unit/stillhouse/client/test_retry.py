"""Pauses between requests: growing, half random, and as long as the service asks for."""

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from stillhouse.client.retry import (
    LONGEST_ASKED_S,
    LONGEST_S,
    POLL_FIRST_S,
    POLL_LONGEST_S,
    delay_s,
    polls_s,
)

chances = st.floats(0, 1)


@given(st.integers(1, 50), chances)
def test_a_pause_is_never_nothing_and_never_longer_than_the_longest(failures, chance):
    assert 0 < delay_s(failures, chance) <= LONGEST_S


@given(st.integers(1, 4), chances, chances)
def test_the_next_pause_is_never_shorter(failures, chance, next_chance):
    assert delay_s(failures, chance) <= delay_s(failures + 1, next_chance)


def test_two_clients_that_failed_together_do_not_return_together():
    assert delay_s(3, 0.0) == 0.5
    assert delay_s(3, 1.0) == 1.0


def test_a_service_may_ask_for_patience():
    assert delay_s(1, 0.5, "7") == 7


def test_a_service_may_not_ask_for_a_day():
    assert delay_s(1, 0.5, "86400") == LONGEST_ASKED_S


@given(st.text())
def test_any_other_wish_is_no_wish(text):
    asked = delay_s(1, 0.0, text)

    assert asked == delay_s(1, 0.0) or text.strip().isdigit()


def test_looks_become_rarer_and_then_stay_so():
    pauses = list(islice(polls_s(), 20))

    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (POLL_FIRST_S, POLL_LONGEST_S)
