"""The tables of a report: all models with what was measured of them, and the classes that lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kd_core.flat_numbers import DERIVED
from kd_core.pages.words import amount, count, percent, points
from kd_core.report import ArtifactReport, Int8Grid, Int8Try, Measures, Report

Model = Measures | ArtifactReport
OPERATORS = {"all": "all operators", "products": "products", "weights": "weights"}


@dataclass(frozen=True)
class Line:
    name: str
    model: Model
    teacher: Model | None
    """To compare with."""

    def derived(self, metric: str) -> float | None:
        about = DERIVED[metric]
        mine, theirs = (getattr(of, about.number, None) for of in (self.model, self.teacher))
        if mine is None or theirs is None or about.compare is None:
            return None
        try:
            return about.compare(theirs, mine)
        except ZeroDivisionError:
            return None


COLUMNS: Sequence[tuple[str, Callable[[Line], str]]] = (
    ("top-1", lambda line: percent(line.model.top1)),
    ("drop", lambda line: points(line.derived("top1_drop"))),
    ("agreement", lambda line: percent(line.model.agreement_teacher)),
    ("size MB", lambda line: amount(line.model.size_mb)),
    ("ratio", lambda line: amount(line.derived("size_ratio"))),
    ("p50 ms", lambda line: amount(line.model.latency_ms_p50)),
    ("p95 ms", lambda line: amount(line.model.latency_ms_p95)),
    ("images/s", lambda line: amount(line.model.images_per_s)),
    ("peak MB", lambda line: amount(line.model.peak_mb)),
    ("parameters", lambda line: count(line.model.parameters)),
)


@dataclass(frozen=True)
class Table:
    titles: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]
    """Name and cells."""


def table(report: Report) -> Table:
    found = list(lines(report))
    used = [(title, cell) for title, cell in COLUMNS if any(cell(line) for line in found)]
    rows = [(line.name, [cell(line) for _, cell in used]) for line in found]
    return Table(["", *(title for title, _ in used)], rows)


def classes_lost(report: Report) -> Table | None:
    """The classes that lost most against the reference."""
    found = report.diagnosis
    if found is None or not found.classes_lost:
        return None
    rows = [
        (
            one.name,
            (
                points(one.difference),
                count(one.samples),
                percent(one.reference),
                percent(one.student),
            ),
        )
        for one in found.classes_lost
    ]
    return Table(["class", "points", "samples", f"{found.reference}'s recall", "student's"], rows)


def int8_tries(grid: Int8Grid) -> Table:
    """Every recipe, the kept one first."""
    order = sorted(range(len(grid.tries)), key=lambda place: place != grid.kept)
    rows = [
        (
            recipe(grid.tries[place]) + (" (kept)" if place == grid.kept else ""),
            _of_try(grid.tries[place]),
        )
        for place in order
    ]
    return Table(["recipe", "top-1", "as the student", "size MB", "p50 ms"], rows)


def recipe(tried: Int8Try) -> str:
    """In words; what is not said of it is the other way round."""
    parts = [tried.calibration, OPERATORS[tried.operators]]
    parts += ["a scale for each channel"] if tried.per_channel else []
    parts += ["ends in float32"] if tried.ends_in_float else []
    return ", ".join(parts)


def _of_try(tried: Int8Try) -> Sequence[str]:
    if tried.reason is not None:
        return (tried.reason, "", "", "")
    return (
        percent(tried.top1),
        percent(tried.agreement_student),
        amount(tried.size_mb),
        amount(tried.latency_ms_p50),
    )


def lines(report: Report) -> Iterator[Line]:
    if report.teacher is not None:
        yield Line("teacher", report.teacher, None)
    for place, one in enumerate(report.teachers):
        yield Line(f"teachers.{place}", one, None)
    yield Line("student", report.student, report.teacher)
    if report.baseline is not None:
        yield Line("baseline", report.baseline, report.teacher)
    for artifact in report.artifacts:
        if artifact.status == "ready":
            yield Line(artifact.name, artifact, report.teacher)
