"""Gates held against a report: which passed, and the one word that a pipeline wants back."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence

from kd_core.errors import Problem, SpecInvalid
from kd_core.report import ArtifactReport, GateResult, Measures, Report, Verdict
from kd_core.spec.document import DistillSpec
from kd_core.spec.gate import TEACHER, Gate

OPS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
DIGITS = 12
"""0.95 - 0.94 is a hair more than 0.01 in binary; nobody who wrote 0.01 meant that."""


class NotThere(Exception):
    """There is no such number, and why."""


def judged(report: Report, gates: Sequence[Gate]) -> Report:
    """The report with its gates and its verdict. A gate whose number is missing has failed."""
    results = tuple(_decided(gate, report) for gate in gates)
    return report.model_copy(update={"gates": results, "verdict": _verdict(results)})


def problems(spec: DistillSpec, classes: int) -> Iterator[Problem]:
    """The gates that data with this many classes can never decide."""
    for place, gate in enumerate(spec.gates):
        no = spec.gate_refusal(gate, classes)
        if no is not None:
            yield Problem(no.code, no.message, no.hint, f"/gates/{place}/{no.key}")


def check(spec: DistillSpec, classes: int) -> None:
    found = tuple(problems(spec, classes))
    if found:
        raise SpecInvalid(found)


def _verdict(results: Sequence[GateResult]) -> Verdict:
    if not results:
        return "not_evaluated"
    return "passed" if all(result.passed for result in results) else "failed"


def _decided(gate: Gate, report: Report) -> GateResult:
    asked = gate.model_dump()
    try:
        measured = _measured(gate, report)
    except NotThere as missing:
        return GateResult(**asked, passed=False, reason=str(missing))
    return GateResult(**asked, measured=measured, passed=OPS[gate.op](measured, gate.value))


def _measured(gate: Gate, report: Report) -> float:
    about = gate.about
    found = _number(report, gate.of, about.number)
    if about.compare is not None:
        try:
            found = about.compare(_number(report, TEACHER, about.number), found)
        except ZeroDivisionError:
            raise NotThere(f"{gate.metric} would divide by 0") from None
    if not math.isfinite(found):
        raise NotThere(f"{gate.metric} is {found}, which is no number")
    return round(found, DIGITS)


def _number(report: Report, name: str, number: str) -> float:
    model = _models(report).get(name)
    if model is None:
        raise NotThere(f"the report has no {name}")
    found = getattr(model, number, None)
    if found is None:
        told = model.reason if isinstance(model, ArtifactReport) else None
        raise NotThere(told or f"{number} of {name} was not measured")
    return float(found)


def _models(report: Report) -> Mapping[str, Measures | ArtifactReport | None]:
    return {
        **{artifact.name: artifact for artifact in report.artifacts},
        "student": report.student,
        TEACHER: report.teacher,
        "baseline": report.baseline,
    }
