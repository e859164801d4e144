"""Names beside the marks of a plot: one for those that lie together, none over another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kd_core.pages.html.axes import LEFT, WIDTH
from kd_core.pages.html.markup import Markup, element

NEAR = 14
"""Marks that are no further apart share a label."""
CHARACTER, LINE = 6.6, 12
"""What a letter takes."""
BESIDE, ABOVE, BELOW = 9, -7, 17

Place = tuple[str, float, float]
"""A name and where its mark is."""


@dataclass(frozen=True)
class _Box:
    left: float
    right: float
    top: float

    def covers(self, other: _Box) -> bool:
        across = self.left < other.right and other.left < self.right
        return across and abs(self.top - other.top) < LINE


@dataclass(frozen=True)
class _Label:
    said: str
    x: float
    y: float
    anchor: str

    @property
    def box(self) -> _Box:
        width = len(self.said) * CHARACTER
        left = self.x if self.anchor == "start" else self.x - width
        return _Box(left, left + width, self.y - LINE)

    @property
    def fits(self) -> bool:
        return self.box.left >= LEFT and self.box.right <= WIDTH

    @property
    def drawn(self) -> Markup:
        at = {"x": f"{self.x:.1f}", "y": f"{self.y:.1f}"}
        return element("text", self.said, text_anchor=self.anchor, class_="label", **at)


def labels(places: Sequence[Place]) -> list[Markup]:
    taken: list[_Box] = []
    drawn = []
    for said, x, y in _together(places):
        label = _free(list(_candidates(said, x, y)), taken)
        taken.append(label.box)
        drawn.append(label.drawn)
    return drawn


def _together(places: Iterable[Place]) -> Iterator[Place]:
    spots: dict[tuple[float, float], list[str]] = {}
    for name, x, y in places:
        near = [at for at in spots if abs(at[0] - x) <= NEAR and abs(at[1] - y) <= NEAR]
        spots.setdefault(near[0] if near else (x, y), []).append(name)
    for (x, y), (first, *more) in spots.items():
        yield f"{first} and {len(more)} more" if len(more) > 1 else ", ".join([first, *more]), x, y


def _candidates(said: str, x: float, y: float) -> Iterator[_Label]:
    for up in (ABOVE, BELOW):
        yield _Label(said, x + BESIDE, y + up, "start")
        yield _Label(said, x - BESIDE, y + up, "end")


def _free(found: Sequence[_Label], taken: Sequence[_Box]) -> _Label:
    """The first that stays inside and covers no other; where there is none, one that fits."""
    inside = [label for label in found if label.fits] or list(found)
    free = (label for label in inside if not any(label.box.covers(box) for box in taken))
    return next(free, inside[0])
