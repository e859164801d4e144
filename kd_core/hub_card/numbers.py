"""The tables of a card: what each model is worth and what it costs, and what was asked of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kd_core.hub_card.markdown import table, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kd_core.hub_card.subject import Subject
    from kd_core.report import ArtifactReport, Measures, Report, Worth

WORTH = ("top-1", "macro F1", "ECE", "agrees with teacher")
COST = ("parameters", "MB", "ms for one image")
EMPTY = ""


def measured(subject: Subject) -> str:
    report = subject.report
    models = {"teacher": report.teacher, "student": report.student, "baseline": report.baseline}
    rows = [[name, *_worth(one), *_cost(one)] for name, one in models.items() if one is not None]
    rows += [[f"`{one.name}`", *_worth(one), *_cost(one)] for one in subject.files]
    return table(("", *WORTH, *COST), rows)


def on_test(report: Report) -> str | None:
    if report.test is None:
        return None
    test = report.test
    models = {"teacher": test.teacher, "student": test.student, "baseline": test.baseline}
    rows = [[name, *_worth(one)] for name, one in models.items() if one is not None]
    return table(("", *WORTH), rows)


def gates(report: Report) -> str:
    rows = [
        [
            f"{gate.metric} of {gate.of} {text(gate.op)} {gate.value:g}",
            EMPTY if gate.measured is None else f"{gate.measured:g}",
            "passed" if gate.passed else f"failed {text(gate.reason or EMPTY)}".rstrip(),
        ]
        for gate in report.gates
    ]
    return table(("gate", "measured", ""), rows)


def left_out(report: Report) -> Iterator[str]:
    """Files that were asked for and are not there."""
    for one in report.artifacts:
        if one.status == "failed":
            yield f"- `{one.name}` could not be made: {text(one.reason or EMPTY)}"


def gain(report: Report) -> str | None:
    """What the teacher brought."""
    found = report.kd_gain
    if found is None:
        return None
    return (
        f"Against the same student trained on labels alone, distillation changed top-1 by "
        f"{100 * found.top1:+.2f} points (95 % interval {100 * found.low:+.2f} to "
        f"{100 * found.high:+.2f}, over {found.over})."
    )


def _worth(one: Worth) -> list[str]:
    return [
        _share(one.top1),
        _share(one.macro_f1),
        EMPTY if one.ece is None else f"{one.ece:.4f}",
        _share(one.agreement_teacher),
    ]


def _cost(one: Measures | ArtifactReport) -> list[str]:
    return [
        EMPTY if one.parameters is None else f"{one.parameters:,}",
        EMPTY if one.size_mb is None else f"{one.size_mb:.2f}",
        EMPTY if one.latency_ms_p50 is None else f"{one.latency_ms_p50:.2f}",
    ]


def _share(value: float | None) -> str:
    return EMPTY if value is None else f"{100 * value:.2f} %"
