"""Who is taken for whom by each model, and what changed against the reference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kd_core.diagnosis import Cell, Confusion, Diagnosis, ModelDiagnosis
from kd_core.pages.html.alike import alike
from kd_core.pages.html.heat_map import Shade, heat_map, share_of_row
from kd_core.pages.html.markup import Markup, element, name_of, paragraph, section
from kd_core.pages.html.tables import wide_table
from kd_core.pages.words import count
from kd_core.report import Report

MOST_ROWS = 10
LONGEST_OF_PAIR = 28
MOST_MODELS = 8
"""That are drawn; files that answer as the student does are named."""


def confusions(report: Report) -> Markup | None:
    found = report.diagnosis
    if found is None or not found.models:
        return None
    models = alike(found.models, _same)
    return section(
        "confusions",
        "Confusions",
        _explained(found),
        (_of_model(model, found, _names(report)) for model in models.alone[:MOST_MODELS]),
        models.told("confusions"),
        (paragraph(f"{one.name}: in report.json.") for one in models.alone[MOST_MODELS:]),
    )


def _same(one: ModelDiagnosis, other: ModelDiagnosis) -> bool:
    """Without a whole matrix only what is told can be compared."""
    if one.confusion.matrix is not None:
        return one.confusion.matrix == other.confusion.matrix
    mine, theirs = one.confusion, other.confusion
    return (mine.largest, mine.changed) == (theirs.largest, theirs.changed)


def _explained(found: Diagnosis) -> Markup:
    whole = any(model.confusion.matrix is not None for model in found.models)
    drawn = (
        "A row for each true class, a column for each answer; a stronger colour is a larger share "
        "of the row. "
        if whole
        else f"Of {count(found.classes)} classes, the largest. "
    )
    if found.reference is None:
        return paragraph(drawn)
    return paragraph(
        f"{drawn}What changed is held against the {found.reference}: blue is better than it (more "
        "right answers, fewer confusions), orange is worse."
    )


def _names(report: Report) -> Sequence[str]:
    return [one.name for one in report.student.per_class or ()]


def _of_model(model: ModelDiagnosis, found: Diagnosis, names: Sequence[str]) -> Markup:
    confusion, against = model.confusion, found.reference or ""
    parts = [*_maps(confusion, model.name, against, names)]
    if confusion.largest:
        parts.append(_listed(confusion.largest, "most frequent", against))
    if confusion.changed:
        parts.append(_listed(confusion.changed, "changed most", against))
    return element("article", element("h3", model.name), element("div", parts, class_="figures"))


def _maps(confusion: Confusion, name: str, against: str, names: Sequence[str]) -> Iterator[Markup]:
    matrix, difference = confusion.matrix, confusion.difference
    if matrix is None or len(names) != len(matrix):
        return
    totals = [sum(row) for row in matrix]

    def share(row: int, column: int) -> Shade:
        return Shade(share_of_row(matrix[row][column], totals[row]), "count")

    said = f"confusions of {name}"
    yield _figure("all answers", heat_map(matrix, names, said, share, str))
    if difference is None:
        return

    def change(row: int, column: int) -> Shade:
        value = difference[row][column]
        better = (value > 0) == (row == column)
        return Shade(share_of_row(value * 4, totals[row]), "better" if better else "worse")

    said = f"confusions of {name} less those of the {against}"
    drawn = heat_map(difference, names, said, change, lambda value: f"{value:+d}")
    yield _figure(f"less those of the {against}", drawn)


def _figure(title: str, drawn: Markup) -> Markup:
    return element("figure", element("figcaption", title), drawn)


def _listed(cells: Sequence[Cell], title: str, against: str) -> Markup:
    has_reference = any(cell.reference is not None for cell in cells)
    titles = ("true → answered", "times", *([against] if has_reference else []))
    rows = [
        (
            _pair(cell),
            count(cell.count),
            *([count(cell.reference)] if has_reference else []),
        )
        for cell in cells[:MOST_ROWS]
    ]
    return _figure(title, wide_table(titles, rows, title))


def _pair(cell: Cell) -> Markup:
    true = name_of(cell.true, LONGEST_OF_PAIR)
    if cell.answered == cell.true:
        return Markup(f"{true}, right")
    return Markup(f"{true} → {name_of(cell.answered, LONGEST_OF_PAIR)}")
