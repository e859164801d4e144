"""A job's place in the queue, and why it is still there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class WaitReason(StrEnum):
    NO_WORKER = "no_worker"
    """No worker that could take it is up."""
    JOBS_AHEAD = "jobs_ahead"
    """Others go first."""
    WORKERS_BUSY = "workers_busy"
    """It is the next one, and every worker that could take it has something to do."""
    ABOUT_TO_START = "about_to_start"
    """A worker is free and will come for it."""


@dataclass(frozen=True, slots=True)
class QueuePlace:
    position: int
    """1 is the next one to be taken, as things stand."""
    reason: WaitReason


def place(position: int, *, workers: int, free_slots: int) -> QueuePlace:
    if not workers:
        reason = WaitReason.NO_WORKER
    elif position <= free_slots:
        reason = WaitReason.ABOUT_TO_START
    else:
        reason = WaitReason.JOBS_AHEAD if position > 1 else WaitReason.WORKERS_BUSY
    return QueuePlace(position, reason)
