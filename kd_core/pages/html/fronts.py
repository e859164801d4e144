"""What is worth its cost: a plot for each cost, with the front drawn."""

from __future__ import annotations

from kd_core.diagnosis import Front
from kd_core.pages.html.axes import across, frame, numbers, percents, plot, upwards
from kd_core.pages.html.colours import legend, mark
from kd_core.pages.html.labels import labels
from kd_core.pages.html.markup import Markup, element, paragraph, section
from kd_core.pages.words import amount, percent
from kd_core.report import Report

COSTS = {"size_mb": "size, MB", "latency_ms_p50": "median time for one image, ms"}
WORTHS = {"top1": "top-1", "agreement_teacher": "agreement with the teacher"}
MARGIN = 1.6
"""Room beside the cheapest and the dearest, as a factor."""
SMALLEST = 1e-6


def fronts(report: Report) -> Markup | None:
    if not report.fronts:
        return None
    said = paragraph(
        "On the line is what nothing else beats: nothing is at least as good and at least as "
        "cheap. The axis of costs is logarithmic."
    )
    figures = element("div", (_figure(front) for front in report.fronts), class_="figures")
    return section("fronts", "Worth against cost", said, figures)


def _figure(front: Front) -> Markup:
    names = {
        one.name: f"{percent(one.worth)} at {amount(one.cost)}{' *' if one.on_front else ''}"
        for one in front.points
    }
    best = ", ".join(one.name for one in front.points if one.on_front)
    where = f" on {front.device}" if front.device and front.cost != "size_mb" else ""
    title = f"{WORTHS[front.worth]} against {COSTS[front.cost]}{where}"
    return element(
        "figure",
        element("figcaption", element("strong", title), f". On the front (*): {best}."),
        _drawn(front, title),
        legend(names),
    )


def _drawn(front: Front, title: str) -> Markup:
    costs = [max(one.cost, SMALLEST) for one in front.points]
    x = across(min(costs) / MARGIN, max(costs) * MARGIN, logarithmic=True)
    worths = [one.worth for one in front.points]
    room = max(0.005, (max(worths) - min(worths)) * 0.25)
    y = upwards(max(0, min(worths) - room), min(1, max(worths) + room))
    on_front = sorted((one.cost, one.worth) for one in front.points if one.on_front)
    line = "".join(
        f"{'L' if place else 'M'}{x(max(cost, SMALLEST)):.1f} {y(worth):.1f}"
        for place, (cost, worth) in enumerate(on_front)
    )
    places = [(one.name, x(max(one.cost, SMALLEST)), y(one.worth)) for one in front.points]
    written = [numbers(x.ticks), percents(y.ticks, 1)]
    return plot(
        title,
        frame(x, y, (COSTS[front.cost], WORTHS[front.worth]), written),
        element("path", d=line, class_="front"),
        *(mark(*place) for place in places),
        *labels(places),
    )
