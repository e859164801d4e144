"""A process that dies is started again, five times a minute and no more."""

import pytest

from stillhouse.local.restarts import LIMIT, PAUSES_S, WINDOW_S, Restarts


@pytest.fixture
def restarts():
    return Restarts()


def test_the_first_restart_is_at_once(restarts):
    assert restarts.next_at(100.0) == 100.0


def test_the_others_wait_longer_each_time(restarts):
    assert [restarts.next_at(0.0) for _ in range(LIMIT)] == list(PAUSES_S)


def test_the_sixth_death_in_a_minute_is_the_last(restarts):
    for second in range(LIMIT):
        restarts.next_at(float(second))

    assert restarts.next_at(WINDOW_S - 0.1) is None


def test_a_death_now_and_then_is_forgiven_for_ever(restarts):
    assert all(restarts.next_at(i * WINDOW_S / 4) is not None for i in range(100))


def test_after_a_quiet_minute_the_count_begins_anew(restarts):
    for _ in range(LIMIT):
        restarts.next_at(0.0)

    assert restarts.next_at(WINDOW_S) == WINDOW_S
    assert restarts.count == 1
