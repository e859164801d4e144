"""A network's answers on held-out samples, and what they are worth during training."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch

from kd_core.errors import Diverged
from kd_core.metrics import agreement, quality

if TYPE_CHECKING:
    from torch import Tensor, nn

    from kd_core.models.build import Plan
    from kd_core.models.teacher import Lesson, Teacher
    from kd_core.training.batches import Batches


def answers(
    network: nn.Module, plan: Plan, batches: Batches, alive: Callable[[], None] = lambda: None
) -> Tensor:
    """The logits of every sample, in the data set's order, on the CPU. float32 [N, C]

    `alive` is called after each batch.
    """
    network.eval()
    logits = []
    with torch.no_grad():
        for batch in batches.in_order():
            logits.append(network(plan.inputs(batch.images)).float().cpu())
            alive()
    return torch.cat(logits)


def teacher_answers(teacher: Teacher, batches: Batches, plan: Plan | None = None) -> Tensor:
    """The same of a teacher, over the data's classes. float32 [N, C]"""
    return torch.cat([teacher.logits(batch.images, plan).cpu() for batch in batches.in_order()])


def evaluate(
    network: nn.Module,
    plan: Plan,
    batches: Batches,
    lesson: Lesson | None,
    alive: Callable[[], None] = lambda: None,
) -> dict[str, float]:
    """The `val/...` points of an epoch. `alive` is called after each batch."""
    logits = answers(network, plan, batches, alive)
    if not bool(logits.isfinite().all()):
        raise Diverged(
            "training diverged: the network's answers on the validation split are not numbers",
            hint="lower recipe.optimizer.lr, or set recipe.clip (1.0 is a common choice)",
            pointer="/recipe/optimizer/lr",
        )
    points: dict[str, float] = {}
    if batches.labels is not None:
        worth = quality(logits, batches.labels.cpu())
        points |= {"val/top1": worth.top1, "val/loss": worth.loss}
        if worth.top5 is not None:
            points["val/top5"] = worth.top5
    if lesson is not None:
        points["val/agreement"] = agreement(logits, lesson.answers)
    return points
