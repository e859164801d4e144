"""Gates held against reports: which pass, and that a number that is not there never does."""

import json
import math

import pytest

import kd_core
from kd_core.errors import SpecInvalid
from kd_core.gates import check, judged
from kd_core.report import ArtifactReport, Measured, Measures, Report
from kd_core.spec import parse_spec
from kd_core.spec.gate import Gate
from tests.support.small_runs import OWN_TEACHER, small_spec

COST = {
    "parameters": 1000,
    "macs": 2000,
    "size_mb": 1.0,
    "latency_ms_p50": 2.0,
    "latency_ms_p95": 3.0,
    "images_per_s": 400.0,
    "measured": Measured(batch=1, throughput_batch=16, threads=1, repeats=30, samples=100),
}


def measures(**changes):
    return Measures(**{**COST, "top1": 0.94, "agreement_teacher": 0.97, **changes})


def artifact(**changes):
    told = {"name": "safetensors", "format": "safetensors", "sha256": "0" * 64, "status": "ready"}
    return ArtifactReport(**{**COST, "top1": 0.93, **told, **changes})


def report(**changes):
    given = {
        "teacher": measures(top1=0.95, size_mb=4.0, latency_ms_p50=8.0, agreement_teacher=None),
        "student": measures(peak_mb=150),
        "artifacts": (artifact(),),
    }
    return Report(name="r", fingerprint="f", **(given | changes))


def gate(metric, op, value, of="student"):
    return Gate(metric=metric, op=op, value=value, of=of)


def decided(asked, found=None):
    (result,) = judged(found or report(), [asked]).gates
    return result


@pytest.mark.parametrize(
    ("asked", "measured", "passed"),
    [
        (gate("top1", ">=", 0.94), 0.94, True),
        (gate("top1", ">", 0.94), 0.94, False),
        (gate("top1", "<=", 0.94), 0.94, True),
        (gate("top1", "<", 0.94), 0.94, False),
        (gate("top1", ">=", 0.94, "safetensors"), 0.93, False),
        (gate("top1", ">=", 0.95, "teacher"), 0.95, True),
        (gate("parameters", "<=", 999), 1000, False),
        (gate("latency_ms_p95", "<=", 3), 3, True),
        (gate("images_per_s", ">", 400), 400, False),
        (gate("peak_mb", "<=", 200), 150, True),
        (gate("top1_drop", "<=", 0.01), 0.01, True),
        (gate("top1_drop", "<=", 0.01, "safetensors"), 0.02, False),
        (gate("size_ratio", "<=", 0.25), 0.25, True),
        (gate("speedup", ">=", 4), 4, True),
    ],
    ids=str,
)
def test_a_gate_is_held_against_the_number_of_its_model(asked, measured, passed):
    result = decided(asked)

    assert (measured, passed, None) == (result.measured, result.passed, result.reason)
    assert (asked.metric, asked.op, asked.value, asked.of) == (
        result.metric,
        result.op,
        result.value,
        result.of,
    )


def test_a_student_better_than_its_teacher_has_a_negative_drop():
    better = report(student=measures(top1=0.97))

    assert -0.02 == decided(gate("top1_drop", "<=", 0), better).measured


@pytest.mark.parametrize(
    ("asked", "changes", "reason"),
    [
        (gate("top5", ">=", 0.9), {}, "top5 of student was not measured"),
        (gate("top1", ">=", 0.9, "baseline"), {}, "the report has no baseline"),
        (gate("top1", ">=", 0.9, "onnx"), {}, "the report has no onnx"),
        (gate("top1_drop", "<=", 0.1), {"teacher": None}, "the report has no teacher"),
        (
            gate("top1", ">=", 0.9, "safetensors"),
            {"artifacts": (artifact(top1=None, reason="the disk was full"),)},
            "the disk was full",
        ),
        (
            gate("speedup", ">=", 2),
            {"student": measures(latency_ms_p50=0.0)},
            "speedup would divide by 0",
        ),
        (
            gate("ece", "<=", 0.1),
            {"student": measures(ece=math.nan)},
            "ece is nan, which is no number",
        ),
    ],
    ids=str,
)
def test_a_number_that_is_not_there_fails_with_the_reason(asked, changes, reason):
    result = decided(asked, report(**changes))

    assert (None, False, reason) == (result.measured, result.passed, result.reason)


def test_the_verdict_is_one_word_for_all_gates():
    passes, fails = gate("top1", ">=", 0.9), gate("top1", ">=", 0.99)

    assert "passed" == judged(report(), [passes, passes]).verdict
    assert "failed" == judged(report(), [passes, fails]).verdict
    assert "not_evaluated" == judged(report(), []).verdict


def test_a_judged_report_reads_back_as_itself():
    found = judged(report(), [gate("top1", ">=", 0.9), gate("top5", ">=", 0.9)])
    document = json.loads(json.dumps(found.as_json()))

    assert found == Report.parse(document)
    assert "measured" not in document["gates"][1]


def test_a_gate_on_classes_that_the_data_turns_out_not_to_have_is_refused():
    spec = parse_spec(small_spec(gates=[{"metric": "top5", "op": ">=", "value": 0.9}]))
    check(spec, classes=6)
    with pytest.raises(SpecInvalid) as caught:
        check(spec, classes=2)

    assert ["/gates/0/metric"] == [problem.pointer for problem in caught.value.problems]


ASKED = [
    {"metric": "parameters", "op": "<=", "value": 1_000_000, "of": "safetensors"},
    {"metric": "size_ratio", "op": "<=", "value": 0.5},
]


def test_a_run_ends_with_its_verdict_and_the_files_are_there_all_the_same(here):
    seen = []
    spec = small_spec(teacher=OWN_TEACHER, loss="kd", gates=ASKED)
    found = kd_core.distill(spec, here / "out", seen.append)
    written = json.loads((here / "out/report.json").read_text())

    assert ("failed", [True, False]) == (found.verdict, [gate.passed for gate in found.gates])
    assert ("failed", found.gates[1].measured) == (
        written["verdict"],
        written["gates"][1]["measured"],
    )
    assert "failed" == seen[-1].data.verdict
    assert (here / "out/artifacts/safetensors/model.safetensors").is_file()


def test_a_run_that_is_over_can_be_asked_something_else(here):
    first = kd_core.distill(small_spec(), here / "out")
    events = (here / "out/events.jsonl").read_bytes()
    again = kd_core.distill(small_spec(gates=ASKED[:1]), here / "out")

    assert ("not_evaluated", "passed") == (first.verdict, again.verdict)
    assert again == Report.parse(json.loads((here / "out/report.json").read_text()))
    assert first.student == again.student
    assert events == (here / "out/events.jsonl").read_bytes()
