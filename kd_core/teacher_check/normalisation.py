"""Whether a teacher sees its images as it was taught to: asked again under other mean and std.

The usual ones are compared on a quarter of a few samples, and the best of them is measured on the
rest, so that it is not praised for luck.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from kd_core.report import Finding
from kd_core.teacher_check.case import (
    LEAST_SAMPLES,
    halves_the_error,
    is_right,
    is_surely_more,
    share,
)
from kd_core.teacher_check.classifier import alignment

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from kd_core.models.build import Plan
    from kd_core.teacher_check.case import Case

Channels = tuple[float, float, float]
BYTE = 1 / 255
IMAGENET: Channels = (0.485, 0.456, 0.406)
MOST_IMAGES = 1024  # that the data's own statistics are taken from


@dataclass(frozen=True)
class Scale:
    name: str
    mean: Channels
    std: Channels

    def of(self, plan: Plan) -> Plan:
        return replace(plan, mean=self.mean, std=self.std)

    def is_of(self, plan: Plan) -> bool:
        return np.allclose((self.mean, self.std), (plan.mean, plan.std), atol=1e-3)


USUAL = (
    Scale("ImageNet's mean and std", IMAGENET, (0.229, 0.224, 0.225)),
    Scale("values from -1 to 1", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    Scale("values from 0 to 1", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
    Scale("values from 0 to 255", (0.0, 0.0, 0.0), (BYTE, BYTE, BYTE)),
    Scale("values from 0 to 255 less ImageNet's mean", IMAGENET, (BYTE, BYTE, BYTE)),
)


def misscaled(case: Case) -> Finding | str:
    """What is wrong; or, in words, what was measured where that is not it."""
    if len(case.few) < LEAST_SAMPLES:
        return "there are too few samples to try other normalisations on"
    best = max(_others(case), key=lambda scale: share(_right(case, scale, choosing=True)))
    right = _right(case, best, choosing=False)
    before = case.right[torch.from_numpy(_part(case, choosing=False))]
    reached = share(right)
    helps = is_surely_more(right, before) and (
        reached >= case.floor or halves_the_error(right, before)
    )
    if not helps:
        return f"with {best.name} it would reach {reached:.1%}"
    # Fresh weights are right by luck under some scale, if there are few classes.
    aligned = alignment(case, best.of(case.teacher.plan))
    if aligned is not None and aligned.is_chance:
        return "no normalisation means anything"
    mean, std = (_listed(channels) for channels in (best.mean, best.std))
    plan = case.teacher.plan
    return Finding(
        code="teacher_normalisation",
        message=f"its images are normalised in another way than in its training: with {best.name} "
        f"it would reach {reached:.1%}, measured on {len(right)} samples; used were mean "
        f"{_listed(plan.mean)} and std {_listed(plan.std)}",
        hint=f"set {case.teacher.name}.mean: {mean} and {case.teacher.name}.std: {std}",
        pointer=f"{case.teacher.pointer}/mean",
    )


def _others(case: Case) -> Iterator[Scale]:
    """What the teacher was not asked under; the data's own comes last."""
    for scale in (*USUAL, _own(case)):
        if scale is not None and not scale.is_of(case.teacher.plan):
            yield scale


def _own(case: Case) -> Scale | None:
    """Of the training images; None where a channel never changes."""
    images = case.dataset.train.images
    pixels = images[:: max(1, len(images) // MOST_IMAGES)][:MOST_IMAGES].astype(np.float64) / 255
    mean, std = pixels.mean(axis=(0, 1, 2)).round(4), pixels.std(axis=(0, 1, 2)).round(4)
    return (
        Scale("the data's own mean and std", _channels(mean), _channels(std)) if std.all() else None
    )


def _channels(values: NDArray[np.float64]) -> Channels:
    red, green, blue = values.tolist()
    return red, green, blue


def _part(case: Case, *, choosing: bool) -> NDArray[np.int64]:
    """Every fourth of the few samples is for choosing, the others for measuring."""
    is_fourth = np.arange(len(case.few)) % 4 == 0
    part: NDArray[np.int64] = case.few[is_fourth if choosing else ~is_fourth]
    return part


def _right(case: Case, scale: Scale, *, choosing: bool) -> Tensor:
    places = _part(case, choosing=choosing)
    logits = case.ask(scale.of(case.teacher.plan), places)
    return is_right(logits, case.labels[torch.from_numpy(places)])


def _listed(channels: Channels) -> str:
    return f"[{', '.join(f'{value:.4g}' for value in channels)}]"
