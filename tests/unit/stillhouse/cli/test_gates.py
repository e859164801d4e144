"""A verdict as a person reads it."""

from kd_core.report import GateResult
from stillhouse.cli.gates import print_gates
from stillhouse.client.answers import GateOutcome

TOP1 = {"metric": "top1", "op": ">=", "value": 0.92, "of": "student"}


def printed(capsys, *gates):
    print_gates(gates)
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_every_gate_has_a_line_and_the_verdict_is_last(capsys):
    good = GateOutcome(**TOP1, measured=0.94444444444, passed=True)
    near = GateOutcome(**TOP1 | {"value": 0.9445}, measured=0.94444444444, passed=False)
    absent = GateOutcome(**TOP1 | {"metric": "top5"}, passed=False, reason="was not measured")

    assert [
        "gate measured",
        "student top1 >= 0.92 0.94444444 passed",
        "student top1 >= 0.9445 0.94444444 failed",
        "student top5 >= 0.92 was not measured failed",
        "verdict: failed, 2 of 3 gates",
    ] == printed(capsys, good, near, absent)


def test_the_gates_of_a_report_read_the_same(capsys):
    found = GateResult(**TOP1, measured=0.94, passed=True)

    assert "verdict: passed, 1 gate" == printed(capsys, found)[-1]


def test_gates_that_nobody_has_looked_at_have_no_verdict(capsys):
    lines = printed(capsys, GateOutcome(**TOP1))

    assert ["student top1 >= 0.92", "no verdict on 1 gate"] == lines[1:]


def test_a_job_without_gates_has_nothing_to_print(capsys):
    assert [] == printed(capsys)
