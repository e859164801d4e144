"""What is said in sentences and small tables: the gain, the test split, classes, the teacher."""

from __future__ import annotations

from kd_core.errors import LONGEST_SENTENCE
from kd_core.pages import lines, sentences
from kd_core.pages.html.markup import Markup, element, name_of, paragraph, section
from kd_core.pages.html.tables import wide_table
from kd_core.pages.words import percent
from kd_core.report import Finding, Report


def gain(report: Report) -> Markup | None:
    if report.kd_gain is None:
        return None
    said = paragraph(sentences.gain(report.kd_gain))
    return section("gain", "What the teacher brought", said)


def on_test(report: Report) -> Markup | None:
    test = report.test
    if test is None or test.student.top1 is None:
        return None
    named = {"teacher": test.teacher, "student": test.student, "baseline": test.baseline}
    rows = [(name, percent(worth.top1)) for name, worth in named.items() if worth is not None]
    return section(
        "test",
        "On the test split",
        paragraph(sentences.on_test(test)),
        wide_table(("model", "top-1"), rows, "on the test split"),
        () if test.kd_gain is None else paragraph(sentences.gain(test.kd_gain)),
    )


def classes_lost(report: Report) -> Markup | None:
    found = lines.classes_lost(report)
    if found is None:
        return None
    said = paragraph(
        "Recall is the share of a class's samples that are recognised. Of a class with few samples "
        "a single one is many points."
    )
    rows = [(name_of(name), *cells) for name, cells in found.rows]
    lost = wide_table(found.titles, rows, "classes that lost most")
    return section("classes", "Classes that lost most", said, lost)


def teacher(report: Report) -> Markup | None:
    said, check = sentences.teacher_check(report), report.teacher_check
    if said is None or check is None:
        return None
    told = () if check.finding is None else _finding(check.finding)
    return section("teacher", "The teacher", paragraph(said), told)


def _finding(found: Finding) -> Markup:
    told = (name_of(said, LONGEST_SENTENCE) for said in (found.message, found.hint))
    return element("aside", (paragraph(said) for said in told))


def measured(report: Report) -> Markup:
    pairs = (
        (element("dt", name), element("dd", name_of(said, 200)))
        for name, said in sentences.measured(report)
    )
    listed = element("dl", (one for pair in pairs for one in pair), class_="measured")
    return section("measured", "How it was measured", listed)
