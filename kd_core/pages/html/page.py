"""The page itself: its head, which lets nothing in from outside, and its sections in order."""

from __future__ import annotations

from pathlib import Path

from kd_core.errors import printable
from kd_core.pages.html import comparisons, overview
from kd_core.pages.html.calibration import calibration
from kd_core.pages.html.confusions import confusions
from kd_core.pages.html.flips import flips
from kd_core.pages.html.fronts import fronts
from kd_core.pages.html.markup import Markup, element
from kd_core.report import Report

STYLE = Path(__file__).with_name("page.css")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
SECTIONS = (
    overview.gates,
    overview.models,
    overview.int8,
    comparisons.gain,
    comparisons.on_test,
    fronts,
    comparisons.classes_lost,
    confusions,
    flips,
    calibration,
    comparisons.teacher,
    comparisons.measured,
)


def html(report: Report) -> str:
    sections = (found for make in SECTIONS if (found := make(report)) is not None)
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{printable(report.name)}: compression report"),
        element("style", Markup(STYLE.read_text(encoding="utf-8"))),
    )
    body = element("body", overview.head(report), element("main", sections))
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"
