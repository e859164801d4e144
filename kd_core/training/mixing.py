"""Mixup and cutmix: a batch of images mixed with each other, and their labels shared out."""

from __future__ import annotations

import hashlib
import random
from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn.functional import one_hot

if TYPE_CHECKING:
    from kd_core.spec.recipe import Mix
    from kd_core.training.batches import Batch


def mixed(batch: Batch, mix: Mix, classes: int, seed: int, step: int) -> Batch:
    """The batch of a step, mixed. A function of seed and step alone, so a resume repeats it."""
    digest = hashlib.sha256(f"mix/{seed}/{step}".encode()).digest()
    chance = random.Random(digest)  # noqa: S311 - it decides over pixels, not over secrets
    share = chance.betavariate(mix.alpha, mix.alpha)
    generator = torch.Generator().manual_seed(chance.getrandbits(63))
    partner = torch.randperm(len(batch.images), generator=generator).to(batch.images.device)
    if mix.kind == "mixup":
        images = _blended(batch.images, batch.images[partner], share)
    else:
        images, share = _pasted(batch.images, batch.images[partner], share, chance)
    if batch.labels is None:
        return replace(batch, images=images)
    labels = one_hot(batch.labels.long(), classes).float()
    return replace(batch, images=images, labels=share * labels + (1 - share) * labels[partner])


def _blended(images: Tensor, others: Tensor, share: float) -> Tensor:
    blend = share * images.float() + (1 - share) * others.float()
    return blend.round().to(images.dtype)


def _pasted(
    images: Tensor, others: Tensor, share: float, chance: random.Random
) -> tuple[Tensor, float]:
    """A rectangle of the others' pixels in each image, and the share of its own that it keeps."""
    height, width = images.shape[1:3]
    side = (1 - share) ** 0.5
    top, bottom = _span(height, side, chance)
    left, right = _span(width, side, chance)
    pasted = images.clone()
    pasted[:, top:bottom, left:right] = others[:, top:bottom, left:right]
    return pasted, 1 - (bottom - top) * (right - left) / (height * width)


def _span(length: int, part: float, chance: random.Random) -> tuple[int, int]:
    """That part of a side around a random middle, cut off at the border."""
    middle, half = chance.randrange(length), int(length * part) // 2
    return max(middle - half, 0), min(middle + half, length)
