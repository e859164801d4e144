"""Models that answered alike are drawn once: a file usually answers as its student does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kd_core.diagnosis import ModelDiagnosis
from kd_core.pages.html.markup import Markup, paragraph


@dataclass(frozen=True)
class Alike:
    alone: Sequence[ModelDiagnosis]
    """Those that differ."""
    others: Mapping[str, Sequence[str]]
    """By the name of one of them, those that are the same."""

    def told(self, what: str) -> list[Markup]:
        return [
            paragraph(f"{', '.join(names)}: the same {what} as {first}.")
            for first, names in self.others.items()
        ]


def alike(
    models: Iterable[ModelDiagnosis], same: Callable[[ModelDiagnosis, ModelDiagnosis], bool]
) -> Alike:
    alone: list[ModelDiagnosis] = []
    others: dict[str, list[str]] = {}
    for model in models:
        first = next((one for one in alone if same(one, model)), None)
        if first is None:
            alone.append(model)
        else:
            others.setdefault(first.name, []).append(model.name)
    return Alike(alone, others)
