"""The numbers that a gate may look at: the flat ones of a report, and what compares two."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import NoneType
from typing import get_args

from kd_core.report import ArtifactReport, Trait

PLAIN = Trait()
Compare = Callable[[float, float], float]
"""Of the teacher's number and that of the model in question."""


@dataclass(frozen=True)
class Metric:
    number: str
    """The flat number that it is, or that it compares."""
    trait: Trait = PLAIN
    lowest: float = 0
    compare: Compare | None = None

    @property
    def looks_at_teacher(self) -> bool:
        return self.trait.teacher or self.compare is not None

    @property
    def is_a_fraction(self) -> bool:
        return math.isfinite(self.trait.highest)


def _flat() -> Iterator[tuple[str, Metric]]:
    for name, field in ArtifactReport.model_fields.items():
        if {*(get_args(field.annotation) or (field.annotation,))} <= {int, float, NoneType}:
            yield name, Metric(name, next(_traits(field.metadata), PLAIN))


def _traits(metadata: Iterable[object]) -> Iterator[Trait]:
    return (told for told in metadata if isinstance(told, Trait))


FLAT: Mapping[str, Metric] = dict(_flat())
DERIVED: Mapping[str, Metric] = {
    "top1_drop": Metric("top1", FLAT["top1"].trait, -1, lambda teacher, this: teacher - this),
    "size_ratio": Metric("size_mb", compare=lambda teacher, this: this / teacher),
    "speedup": Metric("latency_ms_p50", compare=lambda teacher, this: teacher / this),
}
METRICS: Mapping[str, Metric] = {**FLAT, **DERIVED}
