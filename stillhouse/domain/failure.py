"""Why an attempt ended, what the user is told, and whether the job gets another attempt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MAX_ATTEMPTS = 3


class ExitClass(StrEnum):
    USER_ERROR = "user_error"
    DATA_ERROR = "data_error"
    DIVERGED = "diverged"
    OOM_GPU = "oom_gpu"
    OOM_HOST = "oom_host"
    INFRA_LOST = "infra_lost"
    PREEMPTED = "preempted"
    INTERNAL = "internal"


RETRYABLE = frozenset({ExitClass.INFRA_LOST, ExitClass.PREEMPTED})
"""Only what came from outside: the same job on the same data would fail the same way again."""


class Ending(StrEnum):
    """How an attempt that did not finish came to its end."""

    DIED = "died"
    DRAINED = "drained"
    PREEMPTED = "preempted"
    LEASE_LOST = "lease_lost"


@dataclass(frozen=True, slots=True)
class Failure:
    """What a failed job shows; every field of it is safe to show."""

    exit_class: ExitClass
    code: str
    message: str
    hint: str = ""
    phase: str | None = None
    attempt: int = 0
    log_tail_url: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "class": self.exit_class.value,
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "phase": self.phase,
            "attempt": self.attempt,
            "log_tail_url": self.log_tail_url,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Failure:
        fields = {key: value for key, value in document.items() if key != "class"}
        return cls(exit_class=ExitClass(document["class"]), **fields)


@dataclass(frozen=True, slots=True)
class Decision:
    requeue: bool
    deaths: int
    """Consecutive attempts that died without a newer checkpoint, this one included."""


def after_attempt(
    exit_class: ExitClass,
    ending: Ending,
    *,
    deaths: int,
    new_checkpoint: bool,
    max_attempts: int = MAX_ATTEMPTS,
) -> Decision:
    """Requeue or fail, after an attempt that was lost or that failed.

    A drain, a preemption and a lost lease say nothing about the job, so they never count. A newer
    checkpoint is progress, so it starts the count again.
    """
    counted = 0 if new_checkpoint else deaths + (ending is Ending.DIED)
    return Decision(requeue=exit_class in RETRYABLE and counted < max_attempts, deaths=counted)
