"""attempts.json: every process that worked at a run, and where its time went.

It is replaced as a whole at each phase and at each checkpoint, so that a run which goes on from a
checkpoint, here or on another machine, finds what was spent until then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from kd_core.events import (
    CheckpointSaved,
    Payload,
    PhaseChanged,
    RunFailed,
    RunStarted,
    RunStopped,
    RunSucceeded,
)
from kd_core.files import write_atomically
from kd_core.manifest import AttemptMade, Environment
from kd_core.provenance.energy import Meter, meter_of
from kd_core.provenance.environment import environment

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from typing import Literal

    from kd_core.clock import Clock


class Attempts(BaseModel):
    """The file."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    attempts: tuple[AttemptMade, ...] = ()
    environment: Environment | None = None
    """Of the last attempt."""


def read(path: Path) -> Attempts:
    """Nothing, where there is none or it is damaged: a run does not fail for want of its story."""
    try:
        return Attempts.model_validate_json(path.read_bytes())
    except (OSError, ValueError):
        return Attempts()


class Logbook:
    """Hears every event of one attempt and keeps its times."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._earlier = read(path).attempts
        self._mine: _Attempt | None = None

    def hear(self, payload: Payload, at: datetime) -> None:
        match payload:
            case RunStarted(device=device):
                now = self._clock.monotonic()
                self._mine = _Attempt(at, now, environment(device), meter_of(device))
                self._save()
            case PhaseChanged(phase=phase):
                self._save(phase)
            case CheckpointSaved():
                self._save()
            case RunSucceeded():
                self._save(ended="succeeded")
            case RunFailed():
                self._save(ended="failed")
            case RunStopped():
                self._save(ended="stopped")

    def _save(
        self,
        phase: str | None = None,
        ended: Literal["succeeded", "failed", "stopped"] | None = None,
    ) -> None:
        if self._mine is None:  # refused before it began
            return
        now = self._clock.monotonic()
        self._mine.pass_time(now, phase)
        written = Attempts(
            attempts=(*self._earlier, self._mine.as_made(now, ended)),
            environment=self._mine.environment,
        )
        write_atomically(self._path, written.model_dump_json(exclude_none=True).encode())


class _Attempt:
    def __init__(self, at: datetime, now: float, here: Environment, meter: Meter) -> None:
        self.environment = here
        self._at, self._began, self._seen = at, now, now
        self._meter, self._counted = meter, meter.joules()
        self._phase: str | None = None
        self._phases: dict[str, float] = {}

    def pass_time(self, now: float, phase: str | None) -> None:
        """What went by since the last look is of the phase that ends, or goes on, here."""
        if self._phase is not None:
            self._phases[self._phase] = self._phases.get(self._phase, 0.0) + now - self._seen
        self._phase, self._seen = phase or self._phase, now

    def as_made(
        self, now: float, ended: Literal["succeeded", "failed", "stopped"] | None
    ) -> AttemptMade:
        here = self.environment
        return AttemptMade(
            started_at=self._at,
            seconds=round(now - self._began, 3),
            phases={name: round(spent, 3) for name, spent in self._phases.items()},
            ended=ended,
            energy_j=self._energy(),
            platform=here.platform,
            device_name=here.device_name,
            code=here.code,
            lock=here.lock,
        )

    def _energy(self) -> float | None:
        now = self._meter.joules()
        return None if now is None or self._counted is None else round(now - self._counted, 3)
