"""How a run looks: live bars on a terminal, plain lines elsewhere, JSON for programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

import click

from kd_core import events
from kd_core.errors import LONGEST_SENTENCE, printable
from stillhouse.cli.bars import Bars
from stillhouse.cli.gates import print_gates
from stillhouse.cli.tables import print_grid

if TYPE_CHECKING:
    from kd_core.report import ArtifactReport, Measures, Report, Worth

PHASES: dict[str, str] = {
    "preparing_data": "reading data",
    "validating": "checking",
    "training_teacher": "training teacher",
    "teacher_eval": "measuring teacher",
    "caching_teacher": "recording teacher",
    "training_baseline": "training baseline",
    "training": "training student",
    "packaging": "packing",
    "evaluating": "measuring",
}


class Renderer(Protocol):
    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...
    def show(self, event: events.Event) -> None: ...


class Patient:
    """A renderer whose reader may leave: the run goes on, and its events are on disk."""

    def __init__(self, inner: Renderer) -> None:
        self.inner = inner
        self.left = False

    def __enter__(self) -> Self:
        self.inner.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.inner.__exit__(*error)

    def show(self, event: events.Event) -> None:
        if self.left:
            return
        try:
            self.inner.show(event)
            sys.stdout.flush()
        except OSError:
            self.left = True
            # What is still in the buffer must not raise when the process ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class JsonLines:
    """Every event as it is in events.jsonl."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def show(self, event: events.Event) -> None:
        click.echo(event.model_dump_json())


class Lines:
    """A line for each thing that a person would want to read later in a log."""

    def __init__(self) -> None:
        self.latest: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def show(self, event: events.Event) -> None:
        for line in self.lines(event.data):
            click.echo(line)

    def lines(self, payload: events.Payload) -> list[str]:
        match payload:
            case events.Metrics():
                return self._epoch(payload)
            case events.PhaseChanged(phase=phase):
                return [PHASES[phase]]
            case _:
                return told(payload)

    def _epoch(self, metrics: events.Metrics) -> list[str]:
        """One line an epoch: when the validation points arrive."""
        values = {point.name: point.value for point in metrics.points if point.value is not None}
        self.latest |= values
        if not any(name.startswith("val/") for name in values):
            return []
        return [f"  epoch {metrics.points[0].epoch}  {described(self.latest)}"]


class Live:
    """A bar for each phase that trains, with the numbers that matter moving beside it."""

    def __init__(self) -> None:
        self.bars = Bars()
        self.latest: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.bars.__exit__(*error)

    def show(self, event: events.Event) -> None:
        match event.data:
            case events.Progress() as progress:
                self.bars.update(PHASES[progress.phase], progress.step, progress.total_steps)
            case events.Metrics(phase=phase, points=points):
                self.latest |= {p.name: p.value for p in points if p.value is not None}
                self.bars.update(PHASES[phase], note=described(self.latest))
            case events.PhaseChanged():
                self.latest = {}
            case payload:
                for line in told(payload):
                    self.bars.say(line)


def told(payload: events.Payload) -> list[str]:
    """The events that are worth a line on every kind of output."""
    match payload:
        case events.RunStarted(name=name, device=device, threads=threads):
            noun = "thread" if threads == 1 else "threads"
            return [f"{printable(name)} on {device}, {threads} {noun}"]
        case events.RunResumed(phase=phase, step=step):
            return [f"resumed {PHASES[phase]} after step {step}"]
        case events.TeacherMeasured(name=name, top1=float(top1), floor=floor):
            return [_measured(name, top1, floor)]
        case events.Warned(message=message, hint=hint):
            told = [f"warning: {printable(message, LONGEST_SENTENCE)}"]
            return [*told, f"  {hint}"] if hint else told
        case events.ArtifactFailed(name=name, reason=reason):
            return [f"{name} cannot be shipped: {printable(reason, LONGEST_SENTENCE)}"]
        case _:
            return []


def _measured(teacher: str, top1: float, floor: float | None) -> str:
    if floor is None:
        return f"{teacher} together answer {top1:.1%} correctly"
    return f"{teacher} answers {top1:.1%} correctly (had to reach {floor:.1%})"


def described(values: dict[str, float]) -> str:
    """The few numbers of a run that fit beside a bar."""
    shown = {
        "train/loss": "loss {:.4f}",
        "val/top1": "top-1 {:.1%}",
        "val/agreement": "agrees {:.1%}",
        "train/images_per_s": "{:.0f} images/s",
    }
    return "  ".join(form.format(values[name]) for name, form in shown.items() if name in values)


def numbers_table(report: Report, *, with_artifacts: bool = False) -> None:
    """What the models are worth, a line each; a file that a user ships is measured by itself."""
    titles = ["", "top-1", "macro-F1", "agrees", "parameters", "size MB", "ms (batch 1)"]
    if report.test:
        titles.append("test")
    rows = list(_model_rows(report))
    shipped = [one for one in report.artifacts if one.status == "ready"]
    if with_artifacts or len(shipped) > 1:
        rows += [[artifact.name, *_cells(artifact)] for artifact in shipped]
    click.echo()
    print_grid(titles, rows, right=range(1, len(titles)))
    click.echo()


def _model_rows(report: Report) -> Iterator[list[str]]:
    if report.teacher is not None:
        title = "teachers" if report.teachers else "teacher"
        yield [title, *_cells(report.teacher), *_on_test(report, "teacher")]
    for place, teacher in enumerate(report.teachers):
        yield [f"  teachers.{place}", *_cells(teacher)]
    yield ["student", *_cells(report.student), *_on_test(report, "student")]
    if report.baseline is not None:
        yield ["baseline", *_cells(report.baseline), *_on_test(report, "baseline")]


def summary(report: Report, out: Path) -> None:
    """What the run is worth, in one table, and where the files are."""
    numbers_table(report)
    folder = out / "artifacts"
    made = [(one.name, folder / file.path) for one in report.artifacts[1:] for file in one.files]
    places = [
        ("student", folder / "safetensors"),
        *made,
        ("report", out / "report.html"),
        ("numbers", out / "report.json"),
        ("answers", out / "predictions.csv"),
    ]
    width = max(len(title) for title, _ in places) + 2
    for title, place in places:
        click.echo(f"{title:<{width}}{place}")
    if report.gates:
        click.echo()
    print_gates(report.gates)


def _cells(model: Measures | ArtifactReport) -> list[str]:
    return [
        _percent(model.top1),
        _percent(model.macro_f1),
        _percent(model.agreement_teacher),
        _number(model.parameters, ",d"),
        _number(model.size_mb, ".2f"),
        _number(model.latency_ms_p50, ".2f"),
    ]


def _on_test(report: Report, model: str) -> list[str]:
    worth: Worth | None = getattr(report.test, model, None)
    return [] if worth is None else [_percent(worth.top1)]


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"
