"""What training is given from outside: where it reports, what time it is, when to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kd_core.clock import Clock
from kd_core.events import Emit


@dataclass(frozen=True)
class Surroundings:
    emit: Emit
    clock: Clock
    should_stop: Callable[[], bool]
    """Asked before every step; true ends the run with its checkpoint on disk."""
