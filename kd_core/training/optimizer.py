"""The optimiser and the learning rate: both pure functions of the recipe and the step."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch
from timm.optim.lamb import Lamb as LambOptimizer
from torch import nn

from kd_core.spec.optimization import AdamW, Cosine, Lamb, Linear, Optimizer, Sgd, Step
from kd_core.spec.recipe import Recipe


def make_optimizer(
    settings: Optimizer, parameters: Iterable[nn.Parameter]
) -> torch.optim.Optimizer:
    match settings:
        case Sgd():
            return torch.optim.SGD(
                parameters,
                lr=settings.lr,
                momentum=settings.momentum,
                nesterov=settings.nesterov,
                weight_decay=settings.weight_decay,
                fused=True,
            )
        case AdamW():
            return torch.optim.AdamW(
                parameters,
                lr=settings.lr,
                betas=(settings.beta1, settings.beta2),
                eps=settings.eps,
                weight_decay=settings.weight_decay,
                fused=True,
            )
        case Lamb():
            return LambOptimizer(
                _decayed_and_not(parameters, settings.weight_decay),
                lr=settings.lr,
                betas=(settings.beta1, settings.beta2),
                eps=settings.eps,
                max_grad_norm=None,  # the recipe's clip, for every optimiser alike
            )


def learning_rate(recipe: Recipe, step: int, steps_per_epoch: int) -> float:
    """The rate of step `step`, counted from 0; beyond the schedule's last step, that of the last.

    It has no memory, so a resume needs none.
    """
    whole = recipe.schedule_epochs * steps_per_epoch
    step = min(step, whole - 1)
    warmup = recipe.schedule.warmup_epochs * steps_per_epoch
    if step < warmup:
        return recipe.optimizer.lr * (step + 1) / warmup
    match recipe.schedule:
        case Cosine(final_fraction=floor):
            done = (step - warmup) / (whole - warmup)
            factor = floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2
        case Linear(final_fraction=floor):
            done = (step - warmup) / (whole - warmup)
            factor = floor + (1 - floor) * (1 - done)
        case Step(milestones=milestones, gamma=gamma):
            epoch = step // steps_per_epoch
            factor = gamma ** sum(epoch >= milestone for milestone in milestones)
    return recipe.optimizer.lr * factor


def _decayed_and_not(parameters: Iterable[nn.Parameter], decay: float) -> list[dict[str, Any]]:
    """Two groups; one that would be empty is left out."""
    given = list(parameters)
    groups = [
        {"params": [at for at in given if at.ndim > 1], "weight_decay": decay},
        {"params": [at for at in given if at.ndim <= 1], "weight_decay": 0.0},
    ]
    return [group for group in groups if group["params"]]
