"""A verdict as JUnit XML, which every CI knows how to show: a test case for each gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from kd_core.errors import LONGEST_SENTENCE, printable
from stillhouse.cli.gates import bar, measured
from stillhouse.client import FileUnusable
from stillhouse.client.answers import GateOutcome, Job, Verdict
from stillhouse.domain.job import State


@dataclass(frozen=True)
class Case:
    name: str
    outcome: str = ""
    """failure, error or skipped; nothing where it passed."""
    message: str = ""
    kind: str = ""


def document(job: Job, verdict: Verdict) -> bytes:
    """Where the job did not succeed it is an error itself, and its gates were skipped."""
    cases = [*_of_job(job), *(_of_gate(gate, job) for gate in verdict.gates)]
    counts = _counts(job, cases)
    root = Element("testsuites", {"name": "stillhouse", **counts})
    suite = SubElement(root, "testsuite", {"name": _text(job.name), **counts})
    if job.finished_at is not None:
        suite.set("timestamp", job.finished_at.isoformat(timespec="seconds"))
    properties = SubElement(suite, "properties")
    for key, value in (("job", job.id), ("state", job.state), ("verdict", verdict.verdict)):
        SubElement(properties, "property", {"name": key, "value": _text(value)})
    for case in cases:
        _add(suite, job, case)
    indent(root)
    found: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return found + b"\n"


def write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        message = f"cannot be written: {error.strerror}"
        raise FileUnusable(message, hint="choose another --junit", file=str(path)) from None


def _of_job(job: Job) -> list[Case]:
    if job.state == State.SUCCEEDED:
        return []
    if job.failure is not None:
        message = " ".join(filter(None, (job.failure.message, job.failure.hint)))
        return [Case("the job", "error", message, job.failure.code)]
    message = f"the job is {job.state}" if job.is_over else f"the job is not over: {job.state}"
    return [Case("the job", "error", message, job.state)]


def _of_gate(gate: GateOutcome, job: Job) -> Case:
    if gate.passed is None:
        return Case(bar(gate), "skipped", f"the job is {job.state}")
    if gate.passed:
        return Case(bar(gate))
    found = measured(gate) if gate.measured is None else f"measured {measured(gate)}"
    return Case(bar(gate), "failure", found, "gate")


def _counts(job: Job, cases: list[Case]) -> Mapping[str, str]:
    outcomes = [case.outcome for case in cases]
    return {
        "tests": str(len(cases)),
        "failures": str(outcomes.count("failure")),
        "errors": str(outcomes.count("error")),
        "skipped": str(outcomes.count("skipped")),
        "time": f"{_seconds(job):.3f}",
    }


def _seconds(job: Job) -> float:
    if job.started_at is None or job.finished_at is None:
        return 0.0
    return (job.finished_at - job.started_at).total_seconds()


def _add(suite: Element, job: Job, case: Case) -> None:
    told = {"classname": _text(job.name), "name": _text(case.name), "time": "0"}
    element = SubElement(suite, "testcase", told)
    if case.outcome:
        outcome = SubElement(element, case.outcome, {"message": _text(case.message)})
        if case.kind:
            outcome.set("type", _text(case.kind))
            outcome.text = f"{_text(case.name)}: {_text(case.message)}"


def _text(value: str) -> str:
    """What may stand in XML: control characters may not, escaped or otherwise."""
    return printable(value, LONGEST_SENTENCE)
