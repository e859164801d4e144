"""Whether the models are right as often as they believe to be, in one plot."""

from __future__ import annotations

import math

from kd_core.diagnosis import ModelDiagnosis
from kd_core.pages.html.alike import alike
from kd_core.pages.html.axes import Scale, across, frame, percents, plot, upwards
from kd_core.pages.html.colours import colour_of, legend
from kd_core.pages.html.markup import Markup, element, paragraph, section
from kd_core.pages.words import percent
from kd_core.report import Report

SMALLEST, LARGEST = 2.0, 7.0
"""Radii of dots: the area says how many samples are in a bin."""


def calibration(report: Report) -> Markup | None:
    models = () if report.diagnosis is None else report.diagnosis.models
    if not models:
        return None
    found = alike(models, _same)
    x, y = across(0, 1), upwards(0, 1)
    written = [percents(x.ticks), percents(y.ticks)]
    drawing = plot(
        "share of right answers against confidence",
        frame(x, y, ("confidence", "share of right answers"), written),
        element("path", d=f"M{x(0)} {y(0)}L{x(1)} {y(1)}", class_="even"),
        *(_line(model, x, y) for model in found.alone),
    )
    errors = {model.name: _error(report, model.name) for model in found.alone}
    said = paragraph(
        "On the dashed line a model that is sure to 80 % is right in 80 % of the cases; below it, "
        "the model is too sure. A larger dot stands for more samples. ECE is the mean distance."
    )
    figure = element("figure", drawing, legend(errors), found.told("calibration"))
    return section("calibration", "Calibration", said, element("div", figure, class_="figures"))


def _same(one: ModelDiagnosis, other: ModelDiagnosis) -> bool:
    """But for the rounding of confidences."""
    mine, theirs = (
        [(found.count, found.accuracy) for found in model.calibration] for model in (one, other)
    )
    return mine == theirs


def _error(report: Report, name: str) -> str:
    named = {"teacher": report.teacher, "student": report.student, "baseline": report.baseline}
    files = {one.name: one for one in report.artifacts}
    model = named.get(name) or files.get(name)
    return "" if model is None or model.ece is None else f"ECE {percent(model.ece)}"


def _line(model: ModelDiagnosis, x: Scale, y: Scale) -> Markup:
    known = [
        (bin_.count, x(bin_.confidence), y(bin_.accuracy))
        for bin_ in model.calibration
        if bin_.confidence is not None and bin_.accuracy is not None
    ]
    most = max((count for count, _, _ in known), default=1)
    drawn = "L".join(f"{across:.1f} {up:.1f}" for _, across, up in known)
    dots = (
        element("circle", cx=f"{across:.1f}", cy=f"{up:.1f}", r=f"{_radius(count / most):.1f}")
        for count, across, up in known
    )
    return element(
        "g", element("path", d=f"M{drawn}"), dots, class_=f"curve {colour_of(model.name)}"
    )


def _radius(share: float) -> float:
    return SMALLEST + (LARGEST - SMALLEST) * math.sqrt(share)
