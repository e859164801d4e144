"""The table of moves is the documented one, and its one door lets nothing else through."""

import itertools

import pytest

from stillhouse.domain import job
from stillhouse.domain.errors import InvalidTransition
from stillhouse.domain.events import EventType
from stillhouse.domain.job import Actor, Priority, State

# Written out a second time: the table must not change because somebody edits it in passing.
EXPECTED = {
    None: {"queued", "failed"},
    "queued": {"starting", "cancelled", "paused", "expired"},
    "starting": {"running", "queued", "cancelling", "pausing", "failed"},
    "running": {"succeeded", "failed", "cancelling", "pausing", "queued"},
    "pausing": {"paused", "cancelling", "succeeded", "failed"},
    "paused": {"queued", "cancelled"},
    "cancelling": {"cancelled", "succeeded"},
}


def test_there_are_ten_states_and_the_moves_of_the_documentation():
    assert len(State) == 10
    for state in (None, *State):
        assert EXPECTED.get(state, set()) == {*job.allowed(state)}


@pytest.mark.parametrize("state", sorted(job.TERMINAL))
def test_a_final_state_never_changes(state):
    assert job.is_terminal(state)
    assert job.allowed(state) == ()
    with pytest.raises(InvalidTransition, match="is final"):
        job.move(state, State.QUEUED, Actor.USER)


def test_every_pair_is_either_in_the_table_or_refused_with_what_is_possible():
    for source, target, actor in itertools.product((None, *State), State, Actor):
        if target in job.allowed(source, actor):
            assert target == job.move(source, target, actor).target
        else:
            with pytest.raises(InvalidTransition) as refusal:
                job.move(source, target, actor)
            assert (source, target) == (refusal.value.current, refusal.value.wanted)
            assert job.allowed(source, actor) == refusal.value.allowed


def test_only_a_supervisor_starts_a_job_and_only_the_queue_has_a_deadline():
    starters = [a for a in Actor if State.STARTING in job.allowed(State.QUEUED, a)]
    expirable = [s for s in State if State.EXPIRED in job.allowed(s)]

    assert starters == [Actor.SUPERVISOR]
    assert expirable == [State.QUEUED]


def test_a_cancelled_job_with_a_process_becomes_cancelled_only_by_who_knows_it_is_gone():
    by = [a for a in Actor if State.CANCELLED in job.allowed(State.CANCELLING, a)]

    assert by == [Actor.SUPERVISOR, Actor.RECONCILER]
    assert State.CANCELLED not in job.allowed(State.RUNNING)


def test_every_move_says_which_event_tells_of_it():
    for move in job.TRANSITIONS.values():
        assert isinstance(move.event, EventType)
        assert job.EVENTS[move.target] == move.event


def test_an_attempt_ends_when_the_lease_does():
    assert job.move(State.RUNNING, State.QUEUED, Actor.RECONCILER).ends_attempt
    assert job.move(State.CANCELLING, State.CANCELLED, Actor.SUPERVISOR).ends_attempt
    assert not job.move(State.RUNNING, State.CANCELLING, Actor.USER).ends_attempt
    assert not job.move(State.QUEUED, State.CANCELLED, Actor.USER).ends_attempt


def test_priorities_sort_as_their_words_mean():
    assert [p.word for p in sorted(Priority, reverse=True)] == ["high", "normal", "low"]
