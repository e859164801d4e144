"""Whether a teacher's last layer was ever trained: do its weights know what tells classes apart?

Training moves the rows of a classifier along the differences between the features of the classes;
fresh weights point anywhere. The measure is the energy of the weights in those directions, as a
multiple of what random weights have there. It does not depend on the order of the classes, on the
scale of anything or on how the layer was initialised.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import nn

from kd_core.problems import shown
from kd_core.report import Finding

if TYPE_CHECKING:
    from torch import Tensor

    from kd_core.models.build import Plan
    from kd_core.teacher_check.case import Case

DEVIATIONS = 3.0  # standard ones, of random weights around 1


@dataclass(frozen=True)
class Alignment:
    times: float
    """The energy along the differences of the classes; random weights have 1 on average."""
    spread: float
    """How far from 1 luck alone brings random weights."""

    @property
    def is_chance(self) -> bool:
        return abs(self.times - 1) <= self.spread


def untrained(case: Case) -> Finding | str:
    """What is wrong; or, in words, what was measured where that is not it."""
    aligned = alignment(case, case.teacher.plan)
    if aligned is None:
        return "its classifier cannot be looked into"
    measured = (
        f"the weights of {shown(case.teacher.plan.classifier)} lie along the differences between "
        f"the classes {aligned.times:.1f} times as much as random ones"
    )
    if not (aligned.is_chance and case.is_near_chance):
        return measured
    return Finding(
        code="teacher_classifier_untrained",
        message=f"its classifier was never trained ({measured}, and luck alone makes up to "
        f"{1 + aligned.spread:.1f})",
        hint="give the checkpoint of a network that was trained on these classes, with its "
        "classifier, or let one be trained first: teacher.recipe",
        pointer=f"{case.teacher.pointer}/checkpoint",
    )


def alignment(case: Case, plan: Plan) -> Alignment | None:
    """Of the classifier with the classes' features, seen as `plan` has it; None where neither can
    be had.
    """
    network, name = case.teacher.network, case.teacher.plan.classifier
    modules = dict(network.named_modules())
    weight = getattr(modules.get(name or ""), "weight", None)
    if not isinstance(weight, nn.Parameter) or weight.ndim not in (_LINEAR, _CONVOLUTION):
        return None
    seen: list[Tensor] = []
    hook = modules[name or ""].register_forward_pre_hook(
        lambda _module, inputs: seen.append(_features(inputs[0]))
    )
    try:
        case.ask(plan, case.few)
    finally:
        hook.remove()
    features = torch.cat(seen)
    rows = weight.detach().cpu().flatten(1)
    if case.teacher.columns is not None:
        rows = rows[list(case.teacher.columns)]
    if features.shape[1:] != rows.shape[1:] or not bool(features.isfinite().all()):
        return None
    return aligned_with(rows, features, case.labels[torch.from_numpy(case.few)])


_LINEAR, _CONVOLUTION = 2, 4  # dimensions of the weights


def _features(inputs: Tensor) -> Tensor:
    """What a classifier is given, without places. [B, D]"""
    kept = inputs.detach().float().cpu()
    return kept.flatten(2).mean(dim=2) if kept.ndim == _CONVOLUTION else kept


def aligned_with(rows: Tensor, features: Tensor, labels: Tensor) -> Alignment | None:
    """Weights [C, D] with the features [N, D] of labelled samples."""
    present = labels.bincount().nonzero().flatten()
    if len(present) < 2:  # noqa: PLR2004 - one class differs from nothing
        return None
    means = torch.stack([features[labels == label].double().mean(dim=0) for label in present])
    between = means - means.mean(dim=0)  # [C, D]
    weights = rows[present].double()
    weights -= weights.mean(dim=0)
    scatter = between @ between.T
    size, energy = scatter.trace(), weights.square().sum()
    if size == 0:
        return None
    if energy == 0:
        return Alignment(times=0.0, spread=1.0)
    times = rows.shape[1] * (weights @ between.T).square().sum() / (energy * size)
    # As many independent draws as there are differences of rows, along as many directions as
    # the differences of the classes really have.
    draws = (len(present) - 1) * size**2 / scatter.square().sum()
    return Alignment(times=times.item(), spread=DEVIATIONS * math.sqrt(2 / draws.item()))
