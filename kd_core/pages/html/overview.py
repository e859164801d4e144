"""What comes first: the verdict, the gates, one line for each model, and how int8 was found."""

from __future__ import annotations

from kd_core.pages import sentences
from kd_core.pages.html.colours import keyed
from kd_core.pages.html.markup import Markup, element, name_of, paragraph, section
from kd_core.pages.html.tables import wide_table
from kd_core.pages.lines import int8_tries, table
from kd_core.report import GateResult, Int8Grid, Report

MOST_GATES = 200
LONGEST_REASON = 200


def head(report: Report) -> Markup:
    word = report.verdict.replace("_", " ")
    return element(
        "header",
        element("h1", name_of(report.name, 200)),
        element("p", element("strong", word, class_=f"verdict {report.verdict}")),
        element("p", sentences.summary(report), class_="summary"),
    )


def gates(report: Report) -> Markup:
    said = paragraph(sentences.verdict(report))
    if not report.gates:
        return section("gates", "Gates", said)
    rows = [_gate(gate) for gate in report.gates[:MOST_GATES]]
    return section("gates", "Gates", said, wide_table(("gate", "measured", ""), rows, "gates"))


def _gate(gate: GateResult) -> tuple[str, str, Markup]:
    word = "passed" if gate.passed else "failed"
    measured = name_of(gate.reason or "", LONGEST_REASON)
    return (
        f"{gate.of} {gate.metric} {gate.op} {gate.value:g}",
        measured if gate.measured is None else f"{gate.measured:.8g}",
        element("span", word, class_=word),
    )


def models(report: Report) -> Markup:
    found = table(report)
    rows = [(keyed(name), *cells) for name, cells in found.rows]
    failed = [
        element("li", element("b", one.name), ": ", name_of(one.reason or "", 1000))
        for one in report.artifacts
        if one.status == "failed"
    ]
    return section(
        "models",
        "Models",
        wide_table(("model", *found.titles[1:]), rows, "models"),
        (paragraph("Not shipped:"), element("ul", failed)) if failed else (),
    )


def int8(report: Report) -> Markup | None:
    found = [
        (paragraph(sentences.int8(file)), paragraph(sentences.int8_grid(grid)), _tries(grid))
        for file in report.artifacts
        if (grid := file.grid) is not None
    ]
    if not found:
        return None
    return section("int8", "In int8", *(part for parts in found for part in parts))


def _tries(grid: Int8Grid) -> Markup:
    tries = int8_tries(grid)
    return wide_table(tries.titles, [(name, *cells) for name, cells in tries.rows], "recipes")
