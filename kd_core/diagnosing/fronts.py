"""Which models are worth what they cost: nothing else is as good and as cheap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from kd_core.diagnosis import Front, FrontPoint
from kd_core.report import ArtifactReport, Measures, Report
from kd_core.spec.export import WEIGHTS

Point = tuple[str, float, float]
"""Name, worth, cost."""
Model = Measures | ArtifactReport


def fronts(report: Report) -> tuple[Front, ...]:
    """Accuracy, or agreement where nobody knows what is right, against size and against time.

    Times are held against each other only where they were taken on the same device.
    """
    return tuple(_fronts(report))


def _fronts(report: Report) -> Iterator[Front]:
    worth: Literal["top1", "agreement_teacher"] = (
        "agreement_teacher" if report.student.top1 is None else "top1"
    )
    models = _models(report)
    sizes = [(name, getattr(of, worth), of.size_mb) for name, of in models.items()]
    yield from _front(sizes, Front(worth=worth, cost="size_mb", points=()))
    by_device: dict[str | None, list[tuple[str, float | None, float | None]]] = {}
    for name, of in models.items():
        taken = by_device.setdefault(_device(of, report), [])
        taken.append((name, getattr(of, worth), of.latency_ms_p50))
    for device, times in by_device.items():
        empty = Front(worth=worth, cost="latency_ms_p50", device=device, points=())
        yield from _front(times, empty)


def _models(report: Report) -> Mapping[str, Model]:
    """The weights are left out: they are what `student` was measured by."""
    named: dict[str, Model | None] = {
        "teacher": report.teacher,
        "student": report.student,
        "baseline": report.baseline,
    }
    files = {one.name: one for one in report.artifacts if one.format != WEIGHTS}
    return {name: of for name, of in (named | files).items() if of is not None}


def _device(model: Model, report: Report) -> str | None:
    measured = model.measured
    return report.device if measured is None or measured.runtime is None else "cpu"


def _front(found: list[tuple[str, float | None, float | None]], empty: Front) -> Iterator[Front]:
    """Nothing where there are not two to compare."""
    points = [
        (name, worth, cost) for name, worth, cost in found if worth is not None and cost is not None
    ]
    if len(points) > 1:
        drawn = tuple(
            FrontPoint(name=one[0], worth=one[1], cost=one[2], on_front=_is_on(one, points))
            for one in points
        )
        yield empty.model_copy(update={"points": drawn})


def _is_on(one: Point, points: list[Point]) -> bool:
    _, worth, cost = one
    return not any(
        other >= worth and spent <= cost and (other > worth or spent < cost)
        for _, other, spent in points
    )
