"""One model's line of the report: its worth on held-out samples and its cost on this machine."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import torch

from kd_core.metrics import agreement, quality
from kd_core.models import measure
from kd_core.models.onnx.network import OnnxNetwork
from kd_core.report import MEGABYTE, ClassMeasure, Measured, Measures, TeacherReport

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from kd_core.clock import Clock
    from kd_core.data.dataset import Samples
    from kd_core.models.build import Plan
    from kd_core.models.teacher import Lesson

COSTS = ("parameters", "macs", "size_mb", "latency_ms_p50", "latency_ms_p95")


@dataclass(frozen=True)
class Bench:
    """The same samples, device and clock for everything that is measured."""

    samples: Samples
    class_names: tuple[str, ...] | None
    device: str
    clock: Clock

    def measures(
        self,
        network: nn.Module,
        plan: Plan,
        logits: Tensor,
        *,
        size_bytes: int,
        teacher_answers: Tensor | None,
        peak_bytes: int | None = None,
    ) -> Measures:
        """What this network is worth (its logits on the samples) and what it costs. `peak_bytes` is
        what a process held that did nothing but load it and answer.
        """
        network = network.to(self.device)
        inputs = plan.inputs(torch.from_numpy(self.samples.images[:1]).to(self.device))
        speed = measure.speed(network, inputs, self.clock)
        return Measures(
            **worth(logits, self.samples.labels, self.class_names, teacher_answers),
            **({} if isinstance(network, OnnxNetwork) else _counted(network, inputs)),
            size_mb=size_bytes / MEGABYTE,
            latency_ms_p50=speed.p50_ms,
            latency_ms_p95=speed.p95_ms,
            images_per_s=speed.images_per_s,
            peak_mb=None if peak_bytes is None else peak_bytes / MEGABYTE,
            measured=Measured(
                batch=1,
                throughput_batch=measure.MANY,
                threads=speed.threads,
                repeats=speed.repeats,
                samples=len(logits),
            ),
        )


def worth(
    logits: Tensor,
    labels: NDArray[np.int64] | None,
    class_names: tuple[str, ...] | None,
    teacher_answers: Tensor | None,
) -> dict[str, Any]:
    """What these answers are worth, as the keys of a report."""
    known: dict[str, Any] = {}
    if teacher_answers is not None:
        known["agreement_teacher"] = agreement(logits, teacher_answers)
    if labels is None:
        return known
    found = quality(logits, torch.from_numpy(labels))
    return known | {
        "top1": found.top1,
        "top5": found.top5,
        "macro_f1": found.macro_f1,
        "ece": found.ece,
        "per_class": tuple(
            ClassMeasure(name=name, **asdict(score))
            for name, score in zip(class_names or (), found.per_class, strict=True)
        ),
    }


def measured_teachers(bench: Bench, lesson: Lesson) -> dict[str, Any]:
    """What the report says of the teacher, and of each where there are several."""
    if not lesson.parts:
        return {"teacher": _measured(bench, lesson), "teacher_check": lesson.check}
    each = [_measured(bench, part) for part in lesson.parts]
    summed = {cost: _sum(getattr(one, cost) for one in each) for cost in COSTS}
    known = worth(lesson.answers, bench.samples.labels, bench.class_names, None)
    ensemble = lesson.teacher
    # One after the other: it is their times that add up.
    rate = 1 / sum(1 / one.images_per_s for one in each)
    listed = zip(each, lesson.parts, ensemble.members, ensemble.shares, strict=True)
    return {
        "teacher": Measures(**known, **summed, images_per_s=rate, measured=each[0].measured),
        "teacher_check": lesson.check,
        "teachers": tuple(
            TeacherReport(
                **dict(one),
                architecture=member.plan.architecture,
                share=share,
                check=part.check,
            )
            for one, part, member, share in listed
        ),
    }


def _counted(network: nn.Module, inputs: Tensor) -> dict[str, int]:
    return {
        "parameters": measure.parameters(network),
        "macs": measure.macs(network, inputs),
    }


def _sum(costs: Iterable[float | None]) -> float | None:
    """Not known where one of them is not."""
    known = list(costs)
    return None if None in known else sum(cost for cost in known if cost is not None)


def _measured(bench: Bench, lesson: Lesson) -> Measures:
    (teacher,) = lesson.teacher.members
    network = teacher.network
    return bench.measures(
        network,
        teacher.plan,
        lesson.answers,
        size_bytes=network.size_bytes
        if isinstance(network, OnnxNetwork)
        else measure.weight_bytes(network),
        teacher_answers=None,
    )
