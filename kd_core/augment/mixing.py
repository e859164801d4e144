"""Mixup and cutmix: images mixed with others of their split, and labels shared out by it.

The partner of a sample and its share follow from seed, view and sample, not from the batch that the
sample happens to be in: a view can be made again, and a teacher's answer to it be kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from kd_core.augment.chance import Chance

if TYPE_CHECKING:
    from kd_core.spec.recipe import Mix


def partners(chance: Chance, samples: int) -> Tensor:
    """Whom each sample is mixed with, of all the samples of the split. int64 [B]"""
    return (chance.uniforms("partner", 1)[:, 0] * samples).long()


def shares(mix: Mix, chance: Chance, samples: int) -> Tensor:
    """What each sample keeps of itself, drawn from Beta(alpha, alpha). float64 [B]"""
    # One draw for each sample of the split: torch has no quantiles of this distribution.
    draw = np.random.default_rng([chance.seed, chance.epoch]).beta(mix.alpha, mix.alpha, samples)
    return torch.from_numpy(draw).to(chance.index.device)[chance.index]


def mixed(
    mix: Mix, images: Tensor, others: Tensor, keeps: Tensor, chance: Chance
) -> tuple[Tensor, Tensor]:
    """Each image with its partner's in it, and what was kept in fact. uint8 BHWC, float64 [B]"""
    if mix.kind == "mixup":
        return _blended(images, others, keeps), keeps
    return _pasted(images, others, keeps, chance)


def _blended(images: Tensor, others: Tensor, keeps: Tensor) -> Tensor:
    share = keeps.float().view(-1, 1, 1, 1)
    blend = share * images.float() + (1 - share) * others.float()
    return blend.round_().to(images.dtype)


def _pasted(images: Tensor, others: Tensor, keeps: Tensor, chance: Chance) -> tuple[Tensor, Tensor]:
    """A rectangle of the other's pixels around a random middle, cut off at the border."""
    height, width = images.shape[1:3]
    draws, side = chance.uniforms("paste", 2), (1 - keeps).sqrt()
    rows = _span(draws[:, 0], side, height)
    columns = _span(draws[:, 1], side, width)
    inside = rows.unsqueeze(2) & columns.unsqueeze(1)  # [B, H, W]
    kept = 1 - inside.double().mean(dim=(1, 2))
    return torch.where(inside.unsqueeze(3), others, images), kept


def _span(middle: Tensor, part: Tensor, length: int) -> Tensor:
    """Which places along a side belong to that part of it around the middle. bool [B, length]"""
    places = torch.arange(length, device=middle.device)
    half = (part * length / 2).floor().unsqueeze(1)
    centre = (middle * length).floor().unsqueeze(1)
    return (places >= centre - half) & (places < centre + half)
