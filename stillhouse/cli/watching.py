"""How a job on a service looks while it goes: a live bar, plain lines, or its events as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Protocol, Self

import click
from pydantic import ValidationError

from kd_core import events
from kd_core.errors import LONGEST_SENTENCE, printable
from stillhouse.cli.bars import Bars
from stillhouse.cli.exit_codes import ExitCode
from stillhouse.cli.rendering import PHASES, described, told
from stillhouse.client.answers import Job, JobEvent
from stillhouse.client.following import Epoch, Sighting
from stillhouse.domain.events import EventType
from stillhouse.domain.job import State

# What these say is said by the science's own words.
SCIENCE: dict[str, type[events.Payload]] = {
    kind.type: kind for kind in (events.RunResumed, events.TeacherMeasured, events.Warned)
}


class Watcher(Protocol):
    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...
    def show(self, sighting: Sighting) -> None: ...


class EventLines:
    """Every event of the log as it is stored."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def show(self, sighting: Sighting) -> None:
        for event in sighting.events:
            click.echo(json.dumps(event.as_json()))


class JobLines:
    """A line for each thing that a person would want to read later in a log."""

    def __init__(self) -> None:
        self.phase = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def show(self, sighting: Sighting) -> None:
        for line in self.lines(sighting):
            click.echo(line)

    def lines(self, sighting: Sighting) -> list[str]:
        """Events come with their order and numbers without: an epoch belongs to its phase."""
        found: list[str] = []
        waiting = list(sighting.epochs)
        for event in sighting.events:
            if event.type == EventType.PHASE_CHANGED:
                found += _epochs(waiting, self.phase)
                waiting = [epoch for epoch in waiting if epoch.phase != self.phase]
                self.phase = str(event.data.get("phase", ""))
                found.append(phase_words(self.phase))
            else:
                found += sentence(event)
        return found + [_line(epoch) for epoch in waiting]


class JobBars:
    """A bar for each phase that trains, with the numbers that matter beside it."""

    def __init__(self) -> None:
        self.bars = Bars()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.bars.__exit__(*error)

    def show(self, sighting: Sighting) -> None:
        for event in sighting.events:
            for line in sentence(event):
                self.bars.say(line)
        progress = sighting.job.progress
        if progress is not None:
            phase = phase_words(progress.phase)
            self.bars.finish_others(phase)
            self.bars.update(phase, progress.step, progress.total_steps)
        for epoch in sighting.epochs:
            self.bars.update(phase_words(epoch.phase), note=described(epoch.values))
        if sighting.job.state == State.SUCCEEDED:
            self.bars.finish_others("")


def watcher(*, as_json: bool) -> Watcher:
    if as_json:
        return EventLines()
    return JobBars() if sys.stdout.isatty() else JobLines()


def shown(sightings: Iterable[Sighting], watched: Watcher) -> Job:
    """The job as it was seen last: over."""
    with watched:
        for sighting in sightings:
            watched.show(sighting)
    return sighting.job


def sentence(event: JobEvent) -> list[str]:
    """What an event says to a person; how the job ended is said by `conclusion`."""
    attempt = event.attempt or 0
    match event.type:
        case EventType.QUEUED:
            epochs = event.data.get("epochs")
            longer = f", for {printable(str(epochs))} epochs in all" if epochs else ""
            return [("queued again" if attempt else "queued") + longer]
        case EventType.STARTED:
            return [f"started, attempt {attempt}" if attempt > 1 else "started"]
        case EventType.ATTEMPT_LOST:
            return [f"attempt {attempt} was lost; the job goes on from its last checkpoint"]
        case EventType.CANCELLING | EventType.PAUSING:
            return [event.type.removeprefix("job.")]
        case EventType.PAUSED:
            return ["paused, until `still resume`"]
        case _:
            return _science(event)


def conclusion(job: Job) -> list[str]:
    if job.state == State.FAILED and job.failure is not None:
        where = f" while {phase_words(job.failure.phase)}" if job.failure.phase else ""
        hint = [f"  {printable(job.failure.hint, LONGEST_SENTENCE)}"] if job.failure.hint else []
        logs = f"  `still logs {job.id}` shows what it wrote"
        reason = printable(job.failure.message, LONGEST_SENTENCE)
        return [f"failed{where} ({job.failure.code}): {reason}", *hint, logs]
    if job.state == State.SUCCEEDED:
        return [f"succeeded; `still artifacts pull {job.id}` fetches the files"]
    if not job.is_over:
        return [f"{job.state}, and so not over; `still watch {job.id}` looks on"]
    return [job.state]


def ending_code(job: Job) -> ExitCode:
    if not job.is_over:
        return ExitCode.WAIT_TIMED_OUT
    if job.state == State.SUCCEEDED:
        return ExitCode.GATE_FAILED if job.verdict == "failed" else ExitCode.OK
    ended = {State.FAILED: ExitCode.JOB_FAILED}
    return ended.get(State(job.state), ExitCode.CANCELLED)


def phase_words(phase: str) -> str:
    return PHASES.get(phase, printable(phase.replace("_", " ")))


def _science(event: JobEvent) -> list[str]:
    kind = SCIENCE.get(event.type)
    if kind is None:
        return []
    known = {key: value for key, value in event.data.items() if key in kind.model_fields}
    try:
        return told(kind.model_validate(known))
    except (ValidationError, KeyError):  # a newer service says it in other words
        return []


def _epochs(epochs: Iterable[Epoch], phase: str) -> list[str]:
    return [_line(epoch) for epoch in epochs if epoch.phase == phase]


def _line(epoch: Epoch) -> str:
    when = f"step {epoch.step}" if epoch.number is None else f"epoch {epoch.number}"
    return f"  {when}  {described(epoch.values)}"
