"""The optimiser and the learning rate: both pure functions of the recipe and the step."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import nn

from kd_core.spec.recipe import AdamW, Cosine, Recipe, Sgd, Step


def make_optimizer(
    settings: Sgd | AdamW, parameters: Iterable[nn.Parameter]
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


def learning_rate(recipe: Recipe, step: int, steps_per_epoch: int) -> float:
    """The rate of step `step`, counted from 0. It has no memory, so a resume needs none."""
    warmup = recipe.schedule.warmup_epochs * steps_per_epoch
    if step < warmup:
        return recipe.optimizer.lr * (step + 1) / warmup
    match recipe.schedule:
        case Cosine(final_fraction=floor):
            done = (step - warmup) / (recipe.epochs * steps_per_epoch - warmup)
            factor = floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2
        case Step(milestones=milestones, gamma=gamma):
            epoch = step // steps_per_epoch
            factor = gamma ** sum(epoch >= milestone for milestone in milestones)
    return recipe.optimizer.lr * factor
