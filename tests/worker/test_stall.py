"""A trainer that stands still is noticed, in the phases in which it takes steps."""

import pytest

from stillhouse.domain.phases import Phase
from worker.stall import STEPPING, Watchdog


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_silence_is_borne_for_as_long_as_was_said(clock):
    watchdog = Watchdog(60, clock)
    clock.now += 60

    assert not watchdog.barks("training", 0)
    clock.now += 1
    assert watchdog.barks("training", 0)


def test_each_sign_of_life_starts_the_count_again(clock):
    watchdog = Watchdog(60, clock)
    for heard in range(1, 5):
        clock.now += 50

        assert not watchdog.barks("training", heard)
    clock.now += 61
    assert watchdog.barks("training", 4)


@pytest.mark.parametrize("phase", [None, "preparing_data", "packaging"])
def test_other_phases_may_be_silent_and_the_next_begins_afresh(clock, phase):
    watchdog = Watchdog(60, clock)
    clock.now += 1000

    assert not watchdog.barks(phase, 1)
    clock.now += 60
    assert not watchdog.barks("training", 1)


def test_the_phases_are_phases():
    assert set(Phase) > STEPPING
