"""What a specification may ask of the numbers, and how a bar that says nothing is answered."""

from pathlib import Path

import pytest

from kd_core.errors import SpecInvalid
from kd_core.flat_numbers import METRICS
from kd_core.report import Measures
from kd_core.spec import parse_spec, read_spec

TEACHER = {"architecture": "resnet18", "checkpoint": "file:teacher.safetensors"}
TOP1 = {"metric": "top1", "op": ">=", "value": 0.9}
DROP = {"metric": "top1_drop", "op": "<=", "value": 0.01}
AGREEMENT = {"metric": "agreement_student", "op": ">=", "value": 0.98}
INT8 = {"exports": [{"format": "onnx_int8"}]}


def document(*gates, **changes):
    given = {
        "teacher": TEACHER,
        "student": {"architecture": "resnet10t"},
        "data": {"dataset": "digits"},
        "loss": "kd",
        "gates": [*gates],
    }
    return {key: value for key, value in (given | changes).items() if value is not None}


def refusal(*gates, **changes):
    with pytest.raises(SpecInvalid) as caught:
        parse_spec(document(*gates, **changes))
    (problem,) = caught.value.problems
    return problem


ALONE = {"teacher": None, "loss": "ce"}
TWO_CLASSES = {"dataset": "file:x", "class_names": ["empty", "full"]}
REFUSED = [
    (TOP1 | {"metric": "tpo1"}, {}, "/gates/0/metric", "unknown_metric"),
    (TOP1 | {"metric": "per_class"}, {}, "/gates/0/metric", "unknown_metric"),
    (TOP1 | {"metric": 1}, {}, "/gates/0/metric", "wrong_type"),
    (TOP1 | {"op": "=>"}, {}, "/gates/0/op", "not_one_of"),
    (TOP1 | {"value": 92}, {}, "/gates/0/value", "out_of_range"),
    (TOP1 | {"value": -0.1}, {}, "/gates/0/value", "out_of_range"),
    (TOP1 | {"value": float("nan")}, {}, "/gates/0/value", "out_of_range"),
    (TOP1 | {"value": float("inf")}, {}, "/gates/0/value", "out_of_range"),
    (TOP1 | {"value": "0.9"}, {}, "/gates/0/value", "wrong_type"),
    (TOP1 | {"value": True}, {}, "/gates/0/value", "wrong_type"),
    (TOP1 | {"value": 0}, {}, "/gates/0/value", "decides_nothing"),
    (TOP1 | {"op": ">", "value": 1}, {}, "/gates/0/value", "decides_nothing"),
    (TOP1 | {"op": "<", "value": 0}, {}, "/gates/0/value", "decides_nothing"),
    (DROP | {"value": 1}, {}, "/gates/0/value", "decides_nothing"),
    (DROP | {"metric": "size_mb", "value": -5}, {}, "/gates/0/value", "out_of_range"),
    ({"metric": "top1", "op": ">="}, {}, "/gates/0/value", "missing_key"),
    (TOP1 | {"from": "student"}, {}, "/gates/0/from", "unknown_key"),
    (TOP1 | {"of": "onnx_int8"}, {}, "/gates/0/of", "not_measured"),
    (TOP1 | {"of": "baseline"}, {}, "/gates/0/of", "not_measured"),
    (TOP1 | {"of": "teacher"}, ALONE, "/gates/0/of", "not_measured"),
    (AGREEMENT, {}, "/gates/0/of", "not_measured"),
    (AGREEMENT | {"of": "teacher"}, {}, "/gates/0/of", "not_measured"),
    (AGREEMENT | {"of": "safetensors"}, {}, "/gates/0/of", "not_measured"),
    (AGREEMENT | {"of": "onnx_int8"}, {}, "/gates/0/of", "not_measured"),
    (TOP1 | {"of": ""}, {}, "/gates/0/of", "out_of_range"),
    (DROP, ALONE, "/gates/0/metric", "no_teacher"),
    (TOP1 | {"metric": "agreement_teacher"}, ALONE, "/gates/0/metric", "no_teacher"),
    (DROP | {"of": "teacher"}, {}, "/gates/0/of", "not_measured"),
    (
        {"metric": "peak_mb", "op": "<=", "value": 300, "of": "teacher"},
        {},
        "/gates/0/of",
        "not_measured",
    ),
    (
        DROP,
        {"data": {"dataset": "file:x", "unlabelled": True}, "loss": [{"kind": "kd"}]},
        "/gates/0/metric",
        "metric_needs_labels",
    ),
    (TOP1 | {"metric": "top5"}, {"data": TWO_CLASSES}, "/gates/0/metric", "too_few_classes"),
]


@pytest.mark.parametrize(("gate", "changes", "pointer", "code"), REFUSED)
def test_a_gate_that_cannot_be_decided_is_refused_at_its_place(gate, changes, pointer, code):
    problem = refusal(gate, **changes)

    assert (pointer, code) == (problem.pointer, problem.code)


def test_what_no_list_is_refused_as_one():
    assert refusal(gates=TOP1).code == "wrong_type"
    assert refusal(gates=[TOP1] * 65).code == "out_of_range"


def test_every_gate_that_is_wrong_in_itself_is_told_at_once():
    with pytest.raises(SpecInvalid) as caught:
        parse_spec(document(TOP1 | {"value": 92}, TOP1, TOP1 | {"metric": "x"}))

    assert ["/gates/0/value", "/gates/2/metric"] == [p.pointer for p in caught.value.problems]


def test_a_percentage_is_answered_with_the_fraction():
    problem = refusal(TOP1 | {"value": 92.5})

    assert "top1 is a fraction, 0 to 1; got 92.5" == problem.message
    assert "write 0.925 for 92.5 %" == problem.hint


def test_an_unknown_metric_is_answered_with_those_that_there_are():
    hint = refusal(TOP1 | {"metric": "latency"}).hint

    assert hint.startswith("did you mean latency_ms_p")
    assert ", top1_drop, size_ratio, speedup" in hint


def test_what_is_not_made_is_answered_with_what_is():
    baseline = refusal(TOP1 | {"of": "baseline"})

    assert "nothing called 'baseline' is made" == baseline.message
    assert "there is student, teacher, safetensors; write baseline: true" in baseline.hint


def test_a_file_that_is_not_made_is_answered_with_those_that_are():
    hint = refusal(TOP1 | {"of": "onnx"}, **INT8).hint

    assert "there is student, teacher, onnx_int8, safetensors; a file is measured" in hint


def test_what_is_no_file_is_not_compared_with_the_student():
    assert "one of: onnx_int8" == refusal(AGREEMENT, **INT8).hint
    assert "write {format: onnx} under exports" in refusal(AGREEMENT).hint


def test_a_file_is_compared_with_the_student_with_or_without_labels():
    unlabelled = {"data": {"dataset": "file:x", "unlabelled": True}, "loss": [{"kind": "kd"}]}
    gate = AGREEMENT | {"of": "onnx_int8"}

    assert gate == parse_spec(document(gate, **INT8, **unlabelled)).gates[0].model_dump()


def test_the_student_is_meant_where_nobody_is_named():
    (gate,) = parse_spec(document(TOP1)).gates

    assert "student" == gate.of


def test_everything_that_is_measured_may_be_gated():
    models = ["student", "teacher", "baseline", "safetensors"]
    gates = [TOP1 | {"of": name} for name in models]

    assert len(models) == len(parse_spec(document(*gates, baseline=True)).gates)


def test_several_teachers_are_compared_with_as_one():
    several = {"teacher": None, "teachers": [TEACHER, TEACHER | {"weight": 2.0}]}
    drop, teacher = parse_spec(document(DROP, TOP1 | {"of": "teacher"}, **several)).gates

    assert ("student", "teacher") == (drop.of, teacher.of)


def test_every_flat_number_of_a_report_is_a_metric():
    nested = {"per_class", "measured"}

    assert set(Measures.model_fields) - nested <= set(METRICS)
    assert not nested & set(METRICS)


def test_gates_do_not_change_the_science():
    assert parse_spec(document()).fingerprint == parse_spec(document(TOP1, DROP)).fingerprint


def test_a_resolved_document_has_its_gates():
    spec = parse_spec(document(TOP1, DROP))

    assert spec == parse_spec(spec.resolved())
    assert TOP1 | {"of": "student"} == spec.resolved()["gates"][0]


@pytest.mark.parametrize("gate", ["- {metric: top1, op: >=, value: 1}", "- op: >=\n  value: 1"])
def test_an_operator_without_quotes_is_answered_with_quotes(tmp_path, gate):
    (tmp_path / "job.yaml").write_text(f"loss: ce\ngates:\n{gate}\n")
    with pytest.raises(SpecInvalid) as caught:
        read_spec(tmp_path / "job.yaml")

    assert 'a > is written between quotes: op: ">="' == caught.value.problems[0].hint


def test_the_page_explains_every_metric_and_every_refusal():
    page = (Path(__file__).parents[3] / "docs/gates.md").read_text()
    rows = "\n".join(line for line in page.splitlines() if line.startswith("| `"))
    own = {code for *_, code in REFUSED} - {"wrong_type", "missing_key", "unknown_key"}

    assert [] == [name for name in [*METRICS, *own - {"not_one_of"}] if f"`{name}`" not in rows]
