"""A gate: what a number of the report must reach, so that a program can read a yes or a no."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from kd_core.flat_numbers import METRICS, Metric
from kd_core.problems import closest, shown
from kd_core.spec.export import WEIGHTS
from kd_core.spec.section import Section

PRINTABLE = "^[ -~]+$"
"""What names are made of: told in the schema; what else there is has no model of its name."""
TEACHER = "teacher"
PERCENT = 100
ADDED = {
    TEACHER: "give a teacher",
    "baseline": "write baseline: true, and it is trained and measured",
}
"""What is measured only when it is asked for, and how to ask."""
NO_FILES = frozenset({"student", TEACHER, "baseline", WEIGHTS})
"""What torch answers by; timm loads the weights, and then they are the student."""
NOT_SHIPPED = frozenset({TEACHER, "baseline"})


@dataclass(frozen=True)
class Refusal:
    """Why a gate could never be decided."""

    key: str
    code: str
    message: str
    hint: str


def _known_metric(name: str) -> str:
    if name in METRICS:
        return name
    near = closest(name, tuple(METRICS))
    guess = f"did you mean {' or '.join(near)}? " if near else ""
    raise PydanticCustomError(
        "unknown_metric",
        "there is no metric {name}",
        {"name": shown(name), "hint": f"{guess}known: {', '.join(METRICS)}"},
    )


class Gate(Section):
    """One bar."""

    metric: Annotated[
        str, AfterValidator(_known_metric), Field(json_schema_extra={"enum": [*METRICS]})
    ]
    """A number of the report, such as top1, ece, size_mb or latency_ms_p95, or one that compares
    with the teacher: top1_drop, size_ratio, speedup."""
    op: Literal[">=", "<=", ">", "<"]
    """How the number must stand to the value; write it between quotes."""
    value: float
    """Fractions are 0 to 1: 0.92, not 92."""
    of: Annotated[
        str, Field(min_length=1, max_length=100, json_schema_extra={"pattern": PRINTABLE})
    ] = "student"
    """Whose number: student, teacher, baseline, or one of the exports."""

    @property
    def about(self) -> Metric:
        return METRICS[self.metric]

    @model_validator(mode="after")
    def _a_value_that_the_metric_can_have(self) -> Self:
        lowest, highest = self.about.lowest, self.about.trait.highest
        if not lowest <= self.value <= highest:
            kind = f"a fraction, {lowest:g} to 1" if self.about.is_a_fraction else "0 or more"
            raise self._unfit("out_of_range", f"{self.metric} is {kind}; got {self.value:g}")
        return self

    @model_validator(mode="after")
    def _one_that_decides_something(self) -> Self:
        lowest, highest = self.about.lowest, self.about.trait.highest
        least, most = self.value <= lowest, self.value >= highest
        bar = f"{self.metric} {self.op} {self.value:g}"
        if {">=": least, "<=": most}.get(self.op):
            raise self._unfit("decides_nothing", f"{bar} is true whatever is measured")
        if {"<": least, ">": most}.get(self.op):
            raise self._unfit("decides_nothing", f"{bar} is never true")
        return self

    def _unfit(self, code: str, message: str) -> PydanticCustomError:
        value = self.value
        percent = self.about.is_a_fraction and 1 <= abs(value) <= PERCENT
        hint = f"write {value / PERCENT:g} for {value:g} %" if percent else ""
        context = {"message": message, "hint": hint, "pointer": "/value"}
        return PydanticCustomError(code, "{message}", context)

    def refusal(
        self, models: Collection[str], *, labelled: bool, classes: int | None
    ) -> Refusal | None:
        """None where the run will have this number. `models`: what it measures, by name."""
        if self.of not in models:
            how = ADDED.get(self.of, "a file is measured when it stands under exports")
            known = f"there is {', '.join(models)}; {how}"
            return Refusal("of", "not_measured", f"nothing called {shown(self.of)} is made", known)
        against = self._against_teacher(models) if self.about.looks_at_teacher else None
        of_what = self._of_a_file(models) or self._of_what_is_shipped(models)
        return against or of_what or self._of_labels(labelled, classes)

    def _of_a_file(self, models: Collection[str]) -> Refusal | None:
        if not self.about.trait.files or self.of not in NO_FILES:
            return None
        files = ", ".join(name for name in models if name not in NO_FILES)
        message = f"{self.metric} compares a file with the student, and {self.of} is no such file"
        none = "write {format: onnx} under exports, and of: onnx here"
        return Refusal("of", "not_measured", message, f"one of: {files}" if files else none)

    def _of_what_is_shipped(self, models: Collection[str]) -> Refusal | None:
        if not self.about.trait.shipped or self.of not in NOT_SHIPPED:
            return None
        message = f"{self.metric} is measured of what is shipped, and {self.of} is not"
        shipped = ", ".join(name for name in models if name not in NOT_SHIPPED)
        return Refusal("of", "not_measured", message, f"one of: {shipped}")

    def _against_teacher(self, models: Collection[str]) -> Refusal | None:
        if TEACHER not in models:
            message = f"{self.metric} compares with a teacher, and there is none"
            return Refusal("metric", "no_teacher", message, "give a teacher, or drop this gate")
        if self.of == TEACHER:
            others = ", ".join(name for name in models if name != TEACHER)
            message = f"{self.metric} compares with the teacher, which is no other than itself"
            return Refusal("of", "not_measured", message, f"one of: {others}")
        return None

    def _of_labels(self, labelled: bool, classes: int | None) -> Refusal | None:  # noqa: FBT001
        trait = self.about.trait
        if trait.labels and not labelled:
            message = f"{self.metric} is measured with labels and data.unlabelled is true"
            hint = "gate agreement_teacher, or what the student costs"
            return Refusal("metric", "metric_needs_labels", message, hint)
        if classes is not None and classes < trait.least_classes:
            message = (
                f"{self.metric} says something from {trait.least_classes} classes on, "
                f"and there are {classes}"
            )
            return Refusal("metric", "too_few_classes", message, "gate top1")
        return None
