"""Which of several ways to int8 suits a student: each is tried, one is kept, all are told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from kd_core.exports.onnx_graphs import PLANES, serialised
from kd_core.exports.refusal import Unexportable, said_in_a_sentence
from kd_core.models.onnx import calibration, magnitudes
from kd_core.models.onnx.quantising import UNQUANTISABLE, Int8Recipe, Quantiser
from kd_core.models.onnx.slimming import slim
from kd_core.report import MEGABYTE, Int8Grid, Int8Try

if TYPE_CHECKING:
    from pathlib import Path

    from onnx import ModelProto

    from kd_core.exports.proof import Glance
    from kd_core.exports.student import Student
    from kd_core.exports.workshop import Workshop

SCALED_BY_ITSELF = frozenset(
    {"GroupNormalization", "InstanceNormalization", "LayerNormalization", "Softmax"}
)
"""A network that has one of these loses too much where more than products with weights is int8."""


@dataclass(frozen=True)
class Tried:
    recipe: Int8Recipe
    size_bytes: int
    glance: Glance

    @property
    def rank(self) -> tuple[float, int]:
        """Neither top-1, of which the best of many tries is luck, nor speed, which is never
        measured alike: a run that is resumed has to keep the same file.
        """
        return self.glance.agreement, -self.size_bytes

    @property
    def told(self) -> Int8Try:
        return Int8Try(
            **asdict(self.recipe),
            top1=self.glance.top1,
            agreement_student=self.glance.agreement,
            size_mb=self.size_bytes / MEGABYTE,
            latency_ms_p50=self.glance.cost.milliseconds.quantile(0.5).item(),
        )


@dataclass(frozen=True)
class Refused:
    recipe: Int8Recipe
    reason: str

    @property
    def told(self) -> Int8Try:
        return Int8Try(**asdict(self.recipe), reason=self.reason)


def choose(workshop: Workshop, file: Path) -> Int8Grid:
    """Write the best graph, and tell how it was found."""
    student = workshop.student
    with said_in_a_sentence(*UNQUANTISABLE):
        quantiser = _calibrated(workshop)
    tries: list[Tried | Refused] = []
    kept: Tried | None = None
    for recipe in grid(student.graph):
        candidate = file.with_name(f"tried_{file.name}")
        tried = _tried(workshop, quantiser, recipe, candidate)
        tries.append(tried)
        if isinstance(tried, Tried) and (kept is None or tried.rank > kept.rank):
            kept = tried
            candidate.replace(file)
        candidate.unlink(missing_ok=True)
    if kept is None:
        raise Unexportable(next(one.reason for one in tries if isinstance(one, Refused)))
    return Int8Grid(
        samples=kept.glance.samples,
        calibrated_on=min(calibration.CALIBRATED_ON, len(workshop.training_images)),
        tries=tuple(one.told for one in tries),
        kept=tries.index(kept),
        why=_why(kept, [one for one in tries if isinstance(one, Tried)]),
        onnx_mb=len(serialised(student.graph, student, PLANES)) / MEGABYTE,
    )


def grid(graph: ModelProto) -> Iterator[Int8Recipe]:
    """Of all combinations those that may be best: what entropy cuts off is felt the most in the
    first and the last product, and one scale for all channels hardly ever pays.
    """
    operators = {node.op_type for node in graph.graph.node}
    what = "all" if SCALED_BY_ITSELF.isdisjoint(operators) else "weights"
    for ranges in ("minmax", "percentile"):
        for ends_in_float in (False, True):
            yield Int8Recipe(ranges, what, ends_in_float=ends_in_float)
    yield Int8Recipe("entropy", what)
    yield Int8Recipe("minmax", what, per_channel=False, ends_in_float=False)
    yield Int8Recipe("percentile", what, per_channel=False)
    if what == "all":
        yield Int8Recipe("minmax", "products")


def once(student: Student, quantiser: Quantiser, recipe: Int8Recipe) -> bytes:
    """By one recipe, as it is shipped. Unexportable where it cannot be."""
    with said_in_a_sentence(*UNQUANTISABLE):
        graph = quantiser.in_int8(recipe)
        slim(graph)
        return serialised(graph, student, PLANES, quantised_by=json.dumps(asdict(recipe)))


def _calibrated(workshop: Workshop) -> Quantiser:
    graph, plan, threads = workshop.student.graph, workshop.student.plan, workshop.threads
    images = workshop.training_images
    widest = calibration.seen(graph, calibration.inputs(images, plan), threads).widest()
    few = calibration.inputs(images, plan, magnitudes.AT_A_TIME)
    counted = magnitudes.counted(graph, widest, few, threads)
    ranges = {"minmax": widest, "percentile": counted.percentile(), "entropy": counted.entropy()}
    return Quantiser(graph, ranges)


def _tried(
    workshop: Workshop, quantiser: Quantiser, recipe: Int8Recipe, file: Path
) -> Tried | Refused:
    try:
        graph = once(workshop.student, quantiser, recipe)
        file.write_bytes(graph)
        return Tried(recipe, len(graph), workshop.trial.glance(file))
    except Unexportable as error:
        return Refused(recipe, error.reason)


def _why(kept: Tried, made: Sequence[Tried]) -> str:
    glance = kept.glance
    alike = sum(one.glance.agreement == glance.agreement for one in made)
    smallest = f"; of {alike} that do, the smallest" if alike > 1 else ""
    return (
        f"it answers as the student in float32 to {glance.agreement:.2%} of {glance.samples} "
        f"validation images, the most of all{smallest}"
    )
