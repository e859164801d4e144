"""Which jobs take about as much as each other: what they took is known of those that are over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Likeness(NamedTuple):
    """What time and memory depend on the most; not for how long it goes on, which is a factor."""

    student: str
    teachers: tuple[str, ...]
    dataset: str
    """Of any version."""
    image_size: int
    batch_size: str
    device: str

    @classmethod
    def of(cls, resolved: Mapping[str, Any]) -> Likeness:
        teachers = [*(resolved.get("teachers") or ()), resolved.get("teacher")]
        data, recipe = resolved["data"], resolved["recipe"]
        return cls(
            student=resolved["student"]["architecture"],
            teachers=tuple(str(one.get("architecture")) for one in teachers if one),
            dataset=data["dataset"].partition("@")[0],
            image_size=data["image_size"],
            batch_size=str(recipe["batch_size"]),
            device=resolved["resources"]["device"],
        )


def epochs_in_all(resolved: Mapping[str, Any]) -> int:
    """Of the students of all seeds, and of their baselines."""
    recipe = resolved["recipe"]
    students = max(1, len(recipe["seeds"])) * (2 if resolved["baseline"] else 1)
    return int(recipe["epochs"]) * students
