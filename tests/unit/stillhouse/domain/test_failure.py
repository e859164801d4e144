"""Who gets another attempt: only what came from outside, and only while there is progress."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillhouse.domain.failure import (
    MAX_ATTEMPTS,
    RETRYABLE,
    Decision,
    Ending,
    ExitClass,
    Failure,
    after_attempt,
)

deaths = st.integers(0, MAX_ATTEMPTS - 1)
final = sorted(set(ExitClass) - RETRYABLE)


@given(deaths, st.booleans())
@pytest.mark.parametrize("exit_class", final)
def test_what_would_fail_again_the_same_way_is_not_tried_again(exit_class, before, new):
    decision = after_attempt(exit_class, Ending.DIED, deaths=before, new_checkpoint=new)

    assert not decision.requeue


@given(deaths, st.booleans(), st.sampled_from(sorted(set(Ending) - {Ending.DIED})))
def test_a_drain_a_preemption_and_a_lost_lease_never_count(before, new, ending):
    decision = after_attempt(ExitClass.INFRA_LOST, ending, deaths=before, new_checkpoint=new)

    assert decision.requeue
    assert decision.deaths <= before


@given(deaths)
def test_a_newer_checkpoint_starts_the_count_again(before):
    decision = after_attempt(ExitClass.INFRA_LOST, Ending.DIED, deaths=before, new_checkpoint=True)

    assert Decision(requeue=True, deaths=0) == decision


def test_the_third_death_in_a_row_without_a_checkpoint_is_the_last():
    count, decisions = 0, []
    for _ in range(3):
        decision = after_attempt(
            ExitClass.INFRA_LOST, Ending.DIED, deaths=count, new_checkpoint=False
        )
        count = decision.deaths
        decisions.append(decision.requeue)

    assert decisions == [True, True, False]


def test_a_failure_travels_through_json_with_its_class_under_its_plain_name():
    failure = Failure(ExitClass.DIVERGED, "diverged", "the loss is NaN", phase="training")

    assert failure.as_json()["class"] == "diverged"
    assert failure == Failure.from_json(failure.as_json())
