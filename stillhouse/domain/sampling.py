"""Fewer points of a curve without losing its peaks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Point = TypeVar("Point")
KEPT_IN_EACH = 2  # of every stretch: its lowest and its highest point


def sampled(
    points: Sequence[Point], max_points: int, value: Callable[[Point], float | None]
) -> Sequence[Point]:
    """At most `max_points`, in order, with the first, the last, and the extremes between."""
    if len(points) <= max_points:
        return points
    ends = [points[0], points[-1]]
    stretches = (max_points - len(ends)) // KEPT_IN_EACH
    if stretches < 1:
        return ends[-max(1, max_points) :]
    inner = points[1:-1]
    kept = {0, len(points) - 1}
    for stretch in range(stretches):
        start, stop = (len(inner) * place // stretches for place in (stretch, stretch + 1))
        known = [
            (found, place)
            for place in range(start, stop)
            if (found := value(inner[place])) is not None
        ]
        if known:
            kept |= {min(known)[1] + 1, max(known)[1] + 1}
    return [points[place] for place in sorted(kept)]
