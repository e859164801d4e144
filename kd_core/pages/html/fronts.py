"""What is worth its cost: a plot for each cost, with the front drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kd_core.diagnosis import Front, FrontPoint
from kd_core.pages.html.axes import WIDTH, across, frame, numbers, percents, plot, upwards
from kd_core.pages.html.colours import legend, mark
from kd_core.pages.html.markup import Markup, element, paragraph, section
from kd_core.pages.words import amount, percent
from kd_core.report import Report

COSTS = {"size_mb": "size, MB", "latency_ms_p50": "median time for one image, ms"}
WORTHS = {"top1": "top-1", "agreement_teacher": "agreement with the teacher"}
NEAR = 14
"""Marks that are no further apart share a label."""
MARGIN = 1.6
"""Room beside the cheapest and the dearest, as a factor."""
SMALLEST = 1e-6


@dataclass(frozen=True)
class _Spot:
    x: float
    y: float
    names: tuple[str, ...]


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
    spots = [(one, x(max(one.cost, SMALLEST)), y(one.worth)) for one in front.points]
    written = [numbers(x.ticks), percents(y.ticks, 1)]
    return plot(
        title,
        frame(x, y, (COSTS[front.cost], WORTHS[front.worth]), written),
        element("path", d=line, class_="front"),
        *(mark(one.name, *place) for one, *place in spots),
        *(_label(spot) for spot in _spots(spots)),
    )


def _spots(found: Sequence[tuple[FrontPoint, float, float]]) -> list[_Spot]:
    """Places with the names of all that lie there."""
    spots: list[_Spot] = []
    for one, x, y in found:
        near = [spot for spot in spots if abs(spot.x - x) <= NEAR and abs(spot.y - y) <= NEAR]
        if near:
            spots.remove(near[0])
            spots.append(_Spot(near[0].x, near[0].y, (*near[0].names, one.name)))
        else:
            spots.append(_Spot(x, y, (one.name,)))
    return spots


def _label(spot: _Spot) -> Markup:
    first, *more = spot.names
    at_left = spot.x < WIDTH / 2
    return element(
        "text",
        f"{first} and {len(more)} more" if len(more) > 1 else ", ".join(spot.names),
        x=f"{spot.x + (9 if at_left else -9):.1f}",
        y=f"{spot.y - 7:.1f}",
        text_anchor="start" if at_left else "end",
        class_="label",
    )
