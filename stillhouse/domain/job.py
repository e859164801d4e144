"""The ten states of a job and the one table of its moves. Nothing else decides where a job goes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from stillhouse.domain.errors import InvalidTransition
from stillhouse.domain.events import EventType


class State(StrEnum):
    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    PAUSING = "pausing"
    PAUSED = "paused"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Desired(StrEnum):
    """What the user wants of the job; a supervisor reads it every second."""

    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"


class Priority(IntEnum):
    """The number is what the queue is sorted by; the name is what people write."""

    LOW = 0
    NORMAL = 1
    HIGH = 2

    @property
    def word(self) -> str:
        return self.name.lower()


class Actor(StrEnum):
    API = "api"
    USER = "user"
    SUPERVISOR = "supervisor"
    RECONCILER = "reconciler"


TERMINAL = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED, State.EXPIRED})
LEASED = frozenset({State.STARTING, State.RUNNING, State.PAUSING, State.CANCELLING})
"""A worker holds the job: there is a lease, and there may be a process."""


@dataclass(frozen=True, slots=True)
class Move:
    source: State | None
    target: State
    by: frozenset[Actor]
    event: EventType

    @property
    def ends_attempt(self) -> bool:
        return self.source in LEASED and self.target not in LEASED


EVENTS = {
    State.QUEUED: EventType.QUEUED,
    State.STARTING: EventType.STARTING,
    State.RUNNING: EventType.STARTED,
    State.PAUSING: EventType.PAUSING,
    State.PAUSED: EventType.PAUSED,
    State.CANCELLING: EventType.CANCELLING,
    State.SUCCEEDED: EventType.SUCCEEDED,
    State.FAILED: EventType.FAILED,
    State.CANCELLED: EventType.CANCELLED,
    State.EXPIRED: EventType.EXPIRED,
}


def _moves(source: State | None, **targets: str) -> dict[tuple[State | None, State], Move]:
    table = {}
    for name, actors in targets.items():
        target, by = State(name), frozenset(map(Actor, actors.split()))
        table[source, target] = Move(source, target, by, EVENTS[target])
    return table


TRANSITIONS = (
    # Where from, then every state that may follow and who may say so.
    _moves(None, queued="api", failed="api")
    | _moves(
        State.QUEUED,
        starting="supervisor",
        cancelled="user",
        paused="user",
        expired="reconciler",
    )
    | _moves(
        State.STARTING,
        running="supervisor",
        queued="supervisor reconciler",
        cancelling="user",
        pausing="user",
        failed="supervisor reconciler",
    )
    | _moves(
        State.RUNNING,
        succeeded="supervisor",
        failed="supervisor reconciler",
        cancelling="user",
        pausing="user",
        queued="supervisor reconciler",
    )
    | _moves(
        State.PAUSING,
        paused="supervisor reconciler",
        cancelling="user",
        succeeded="supervisor",
        failed="supervisor reconciler",
    )
    | _moves(State.PAUSED, queued="user", cancelled="user")
    | _moves(State.CANCELLING, cancelled="supervisor reconciler", succeeded="supervisor")
)


def is_terminal(state: State) -> bool:
    return state in TERMINAL


def is_leased(state: State) -> bool:
    return state in LEASED


def allowed(current: State | None, by: Actor | None = None) -> tuple[State, ...]:
    """The states that may follow; with an actor, those that it may bring about."""
    return tuple(
        move.target
        for move in TRANSITIONS.values()
        if move.source == current and (by is None or by in move.by)
    )


def move(current: State | None, wanted: State, by: Actor) -> Move:
    """The row of the table for this move, or a refusal that lists what is possible."""
    found = TRANSITIONS.get((current, wanted))
    if found is None or by not in found.by:
        raise InvalidTransition(current, wanted, allowed(current, by))
    return found
