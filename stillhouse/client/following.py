"""A job as it goes: what is new at each look, until it is over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from stillhouse.client.answers import Job, JobEvent, Series
from stillhouse.client.errors import WaitTimedOut
from stillhouse.client.jobs import Jobs
from stillhouse.client.retry import Pace

POLL_S = 1.0
SHOWN = ("train/loss", "val/top1", "val/agreement")
TRAININGS = ("training_teacher", "training")


@dataclass(frozen=True)
class Epoch:
    """The numbers of a validation: which training, when in it, and what by name."""

    phase: str
    step: int
    number: int | None
    values: dict[str, float]


@dataclass(frozen=True)
class Sighting:
    job: Job
    events: Sequence[JobEvent] = ()
    epochs: Sequence[Epoch] = ()


@dataclass
class _Curves:
    """How far the series of each training have been seen."""

    seen: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TRAININGS, 0))

    def news(self, jobs: Jobs, job_id: str) -> list[Epoch]:
        found = []
        for phase, seen in self.seen.items():
            # Two trainings of one job use the same names; only the student's stand alone.
            prefix = "" if phase == "training" else f"{phase}/"
            names = [f"{prefix}{name}" for name in SHOWN]
            series = jobs.metrics(job_id, names, since_step=seen)
            epochs = validations(phase, {s.name.removeprefix(prefix): s for s in series}, seen)
            self.seen[phase] = max([seen, *(epoch.step for epoch in epochs)])
            found += epochs
        return found


def validations(phase: str, series: Mapping[str, Series], seen: int) -> list[Epoch]:
    """The validations after the step that was seen last, with what was known by then."""
    at: dict[int, dict[str, float]] = {}
    numbers: dict[int, int | None] = {}
    for name, points in series.items():
        for place, (step, value) in enumerate(zip(points.steps, points.values, strict=True)):
            if step > seen and value is not None:
                at.setdefault(step, {})[name] = value
                numbers[step] = points.epochs[place] if points.epochs else None
    steps = sorted(step for step, values in at.items() if "val/top1" in values)
    return [Epoch(phase, step, numbers[step], _until(at, step)) for step in steps]


def _until(at: dict[int, dict[str, float]], step: int) -> dict[str, float]:
    """The last value of each name up to this step: losses are told between the validations."""
    known: dict[str, float] = {}
    for earlier in sorted(at):
        if earlier <= step:
            known |= at[earlier]
    return known


def follow(jobs: Jobs, job_id: str, pace: Pace, timeout_s: float | None) -> Iterator[Sighting]:
    """Ends when the job is over and everything that it said has been told."""
    began, seq, curves = pace.monotonic(), 0, _Curves()
    while True:
        job = jobs.get(job_id)
        # The job first: when it is over, no event comes after those that are read next.
        events = list(jobs.events(job_id, after_seq=seq))
        seq = events[-1].seq if events else seq
        yield Sighting(job, events, curves.news(jobs, job_id) if job.attempt else ())
        if job.is_over:
            return
        left = None if timeout_s is None else began + timeout_s - pace.monotonic()
        if left is not None and left <= 0:
            message = f"the job {job_id} was not over after {timeout_s:g} s"
            raise WaitTimedOut(message, hint=f"it goes on; `still watch {job_id}` looks again")
        pace.sleep(POLL_S if left is None else min(POLL_S, left))
