"""report.md: the report for a terminal, a merge request, a chat."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from kd_core.errors import LONGEST_SENTENCE, printable
from kd_core.pages import sentences
from kd_core.pages.lines import classes_lost, int8_tries, table
from kd_core.pages.words import percent
from kd_core.report import Report

LONGEST_NAME = 80
MOST_GATES = 200


def markdown(report: Report) -> str:
    blocks = [
        f"# {code(report.name)}: {report.verdict.replace('_', ' ')}",
        sentences.summary(report),
    ]
    for section in (_gates, _models, _int8, _gain, _on_test, _lost, _flips, _teacher, _measured):
        blocks += section(report)
    return "\n\n".join(blocks) + "\n"


def code(text: str, longest: int = LONGEST_NAME) -> str:
    """Text from a stranger: within a code span nothing is markup, a mention or a link."""
    shown = printable(text, longest)
    if not shown.strip():
        return '`""`'
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    pad = " " if "`" in {shown[0], shown[-1]} else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def plain(text: str) -> str:
    """The same outside of a code span, for words that are nearly always ours."""
    return re.sub(r"([\\`*<>&#|~\[\]])", r"\\\1", printable(text))


def _in_cell(text: str) -> str:
    return text.replace("|", r"\|")


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The first column is a name, the others are numbers."""
    ruler = ["---", *["---:"] * (len(titles) - 1)]
    lines = [titles, ruler, *([_in_cell(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _gates(report: Report) -> Iterator[str]:
    yield f"## Verdict\n\n{sentences.verdict(report)}"
    if report.gates:
        rows = [
            (
                code(f"{gate.of} {gate.metric} {gate.op} {gate.value:g}"),
                code(gate.reason or "", LONGEST_SENTENCE)
                if gate.measured is None
                else f"{gate.measured:.8g}",
                "passed" if gate.passed else "**failed**",
            )
            for gate in report.gates[:MOST_GATES]
        ]
        yield _table(("gate", "measured", ""), rows)


def _models(report: Report) -> Iterator[str]:
    found = table(report)
    rows = [(code(name), *cells) for name, cells in found.rows]
    yield f"## Models\n\n{_table(('', *found.titles[1:]), rows)}"
    failed = [one for one in report.artifacts if one.status == "failed"]
    if failed:
        told = [f"- {code(one.name)}: {code(one.reason or '', LONGEST_SENTENCE)}" for one in failed]
        yield "Not shipped:\n\n" + "\n".join(told)


def _int8(report: Report) -> Iterator[str]:
    for file in report.artifacts:
        if file.grid is not None:
            tries = int8_tries(file.grid)
            rows = [(plain(name), *map(plain, cells)) for name, cells in tries.rows]
            yield f"## In int8\n\n{sentences.int8(file)}"
            yield plain(sentences.int8_grid(file.grid))
            yield _table(tries.titles, rows)


def _gain(report: Report) -> Iterator[str]:
    if report.kd_gain is not None:
        yield f"## What the teacher brought\n\n{sentences.gain(report.kd_gain)}"


def _on_test(report: Report) -> Iterator[str]:
    test = report.test
    if test is None or test.student.top1 is None:
        return
    named = {"teacher": test.teacher, "student": test.student, "baseline": test.baseline}
    rows = [(code(name), percent(worth.top1)) for name, worth in named.items() if worth is not None]
    yield f"## On the test split\n\n{sentences.on_test(test)}"
    yield _table(("", "top-1"), rows)
    if test.kd_gain is not None:
        yield sentences.gain(test.kd_gain)


def _lost(report: Report) -> Iterator[str]:
    found = classes_lost(report)
    if found is not None:
        rows = [(code(name), *cells) for name, cells in found.rows]
        yield f"## Classes that lost most\n\n{_table(found.titles, rows)}"


def _flips(report: Report) -> Iterator[str]:
    said = sentences.flips(report)
    if said is not None:
        yield f"## Answers that changed\n\n{said}"


def _teacher(report: Report) -> Iterator[str]:
    said = sentences.teacher_check(report)
    if said is None:
        return
    yield f"## The teacher\n\n{said}"
    finding = None if report.teacher_check is None else report.teacher_check.finding
    if finding is not None:
        yield code(finding.message, LONGEST_SENTENCE)
        yield code(finding.hint, LONGEST_SENTENCE)


def _measured(report: Report) -> Iterator[str]:
    told = [f"- {plain(name)}: {plain(text)}" for name, text in sentences.measured(report)]
    yield "## How it was measured\n\n" + "\n".join(told)
