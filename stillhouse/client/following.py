"""A job as it goes: what is new about it, as it comes, until it is over."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from stillhouse.client.answers import Job, JobEvent, Progress, Series
from stillhouse.client.jobs import Jobs
from stillhouse.client.news import ENDINGS, Deadline
from stillhouse.client.retry import Pace
from stillhouse.domain.events import EventType

CURVES_EVERY_S = 4.0
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
    """How far the series of each training have been seen, and which may have grown since."""

    pace: Pace
    seen: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TRAININGS, 0))
    phase: str = ""
    grown: set[str] = field(default_factory=set)
    due_at: float = 0.0

    def heard(self, events: Sequence[JobEvent]) -> bool:
        """Whether it is time to look: a phase is over, or the last look is some seconds old."""
        ended = False
        for event in events:
            if event.type in {EventType.PROGRESS, EventType.PHASE_CHANGED}:
                before, self.phase = self.phase, str(event.data.get("phase", ""))
                ended |= event.type == EventType.PHASE_CHANGED
                self.grown |= {before, self.phase} & self.seen.keys()
            elif event.type in ENDINGS:  # in the middle of a training, perhaps
                ended = True
                self.grown |= {self.phase} & self.seen.keys()
        return bool(self.grown) and (ended or self.pace.monotonic() >= self.due_at)

    def news(self, jobs: Jobs, job_id: str) -> list[Epoch]:
        found = []
        for phase in sorted(self.grown, key=TRAININGS.index):
            found += self._of(phase, jobs, job_id)
        self.grown.clear()
        self.due_at = self.pace.monotonic() + CURVES_EVERY_S
        return found

    def _of(self, phase: str, jobs: Jobs, job_id: str) -> list[Epoch]:
        # Two trainings of one job use the same names; only the student's stand alone.
        prefix = "" if phase == "training" else f"{phase}/"
        seen = self.seen[phase]
        series = jobs.metrics(job_id, [f"{prefix}{name}" for name in SHOWN], since_step=seen)
        epochs = validations(phase, {s.name.removeprefix(prefix): s for s in series}, seen)
        self.seen[phase] = max([seen, *(epoch.step for epoch in epochs)])
        return epochs


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


def follow(
    jobs: Jobs, job_id: str, pace: Pace, timeout_s: float | None, *, epochs: bool
) -> Iterator[Sighting]:
    """Ends when the job is over and everything that it said has been told."""
    deadline, curves = Deadline.of(pace, job_id, timeout_s), _Curves(pace)
    # How far it is follows from its events, told from the beginning.
    job = jobs.get(job_id).model_copy(update={"progress": None})
    for events in jobs.news(job_id, deadline):
        job = _gone_on(job, events)
        looks = curves.heard(events) and epochs
        yield Sighting(job, events, curves.news(jobs, job_id) if looks else ())
    yield Sighting(jobs.get(job_id))


def _gone_on(job: Job, events: Collection[JobEvent]) -> Job:
    """The job as its events tell of it: how far it is."""
    for event in events:
        if event.type == EventType.PROGRESS:
            try:
                told = Progress.model_validate(event.data)
            except ValidationError:  # a newer service says it in other words
                continue
            job = job.model_copy(update={"progress": told, "phase": told.phase})
    return job
