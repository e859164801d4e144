"""The table of a study, as markdown."""

from __future__ import annotations

import json
import statistics
from typing import TYPE_CHECKING

from fashion.budget import seconds_in
from fashion.study import METHODS, STUDENT, TEACHER

from kd_core.gain import over_seeds
from kd_core.report import Report

if TYPE_CHECKING:
    from fashion.study import Study

HEAD = (
    "| trained with | top-1, mean ± sd | by seed | gain over alone, 95 % interval | agrees with "
    "the teacher | minutes | this row alone |"
)

IN_INT8 = "| shipped in int8 | top-1 | points lost | agrees with float32 | kB | of onnx |"


def of(study: Study, command: str) -> str:
    """Everything that was finished, under the command that makes it."""
    found = {name: _report(study, name) for name in METHODS}
    reports = {name: report for name, report in found.items() if report is not None}
    first, *_ = reports.values()
    lines = [
        f"`{command}`",
        "",
        _models(first),
        "",
        HEAD,
        "| --- | ---: | --- | ---: | ---: | ---: | --- |",
        *(_row(study, name, report, reports.get("alone")) for name, report in reports.items()),
        "",
        IN_INT8,
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        *(_in_int8(name, report) for name, report in reports.items()),
    ]
    return "\n".join(lines) + "\n"


def _report(study: Study, name: str) -> Report | None:
    path = study.folder / name / "report.json"
    return Report.parse(json.loads(path.read_bytes())) if path.exists() else None


def _models(report: Report) -> str:
    teacher, student = report.teacher, report.student
    if teacher is None or teacher.top1 is None:
        raise ValueError("every run of a study has a teacher and labels")
    smaller = teacher.parameters / student.parameters
    return (
        f"Teacher: {TEACHER}, {teacher.parameters:,} parameters, {_mega(teacher.macs)}, top-1 "
        f"{teacher.top1:.2%}. Student: {STUDENT}, {student.parameters:,} parameters "
        f"({smaller:.0f} times fewer), {_mega(student.macs)}."
    )


def _mega(macs: int) -> str:
    return f"{macs / 1e6:.1f} million multiply-adds an image"


def _row(study: Study, name: str, report: Report, alone: Report | None) -> str:
    scores = _scores(report)
    cells = [
        METHODS[name][0],
        f"{100 * statistics.fmean(scores):.2f}{_deviation(scores)}",
        ", ".join(f"{100 * score:.2f}" for score in scores),
        "" if alone is None or name == "alone" else _gain(scores, _scores(alone)),
        f"{statistics.fmean(_agreements(study, name)):.2%}",
        f"{_minutes(study, name):.1f}",
        f"`--only {name}`",
    ]
    return f"| {' | '.join(cells)} |"


def _in_int8(name: str, report: Report) -> str:
    (file,) = (one for one in report.artifacts if one.format == "onnx_int8")
    if file.against_onnx is None:
        return f"| {METHODS[name][0]} | {file.reason} | | | | |"
    cells = [
        METHODS[name][0],
        f"{100 * file.top1:.2f}",
        f"{100 * file.against_onnx.top1_lost:.2f}",
        f"{file.agreement_student:.2%}",
        f"{1000 * file.size_mb:.0f}",
        f"{file.against_onnx.size_ratio:.3f}",
    ]
    return f"| {' | '.join(cells)} |"


def _scores(report: Report) -> list[float]:
    """Top-1 after the last epoch, seed by seed."""
    return [at.last.top1 for at in report.seeds if at.last is not None]


def _deviation(scores: list[float]) -> str:
    return f" ± {100 * statistics.stdev(scores):.2f}" if len(scores) > 1 else ""


def _gain(scores: list[float], alone: list[float]) -> str:
    if len(scores) < 2:  # noqa: PLR2004 - one seed has no spread, and so no interval
        return f"{100 * (scores[0] - alone[0]):+.2f}"
    found = over_seeds(scores, alone)
    return f"{100 * found.top1:+.2f} [{100 * found.low:+.2f}, {100 * found.high:+.2f}]"


def _agreements(study: Study, name: str) -> list[float]:
    """With the teacher, after the last epoch, seed by seed."""
    last: dict[str, float] = {}
    for line in (study.folder / name / "events.jsonl").read_text().splitlines():
        for point in json.loads(line)["data"].get("points", ()):
            if point["name"].endswith("val/agreement"):
                last[point["name"]] = point["value"]
    return list(last.values())


def _minutes(study: Study, name: str) -> float:
    """Of all seeds, with the teacher's answers that had to be recorded first."""
    run = study.folder / name
    return (seconds_in(run, "training") + seconds_in(run, "caching_teacher")) / 60
