"""What a recipe's `augment` does to a batch, in its order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from kd_core.augment import colour, geometry, policies
from kd_core.augment.autoaugment import autoaugment
from kd_core.augment.chance import Chance
from kd_core.spec.augment import FlipCrop, NoAugment, ResizedCrop

if TYPE_CHECKING:
    from torch import Tensor

    from kd_core.spec.augment import Augment, Changed


def countable_views(settings: Augment) -> int | None:
    """How many ways there are to see a sample, where they can be counted."""
    match settings:
        case NoAugment():
            return 1
        case FlipCrop() if settings.is_countable:
            return geometry.count_flip_crops(settings.flip, settings.padding)
    return None


def drawn_views(settings: Augment, chance: Chance) -> Tensor:
    """Which of its countable views each sample shows. int64 [B]"""
    if isinstance(settings, FlipCrop):
        return geometry.flip_crop_views(chance, flip=settings.flip, padding=settings.padding)
    return torch.zeros_like(chance.index)


def augmented(
    images: Tensor, settings: Augment, chance: Chance, views: Tensor | None = None
) -> Tensor:
    """uint8 [B, S, S, 3], the same images as this draw sees them, or as these views are."""
    match settings:
        case NoAugment():
            return images
        case FlipCrop():
            views = drawn_views(settings, chance) if views is None else views
            images = geometry.flip_crop(images, views, padding=settings.padding)
        case ResizedCrop():
            images = geometry.resized_crop(images, chance, flip=settings.flip, scale=settings.scale)
    images = _by_policy(images, settings, chance)
    if settings.jitter:
        images = jittered(images, chance, settings.jitter)
    if settings.cutout:
        images = geometry.cutout(images, chance, settings.cutout)
    return images


def _by_policy(images: Tensor, settings: Changed, chance: Chance) -> Tensor:
    match settings.policy:
        case None:
            return images
        case "randaugment":
            return policies.randaugment(
                images, chance, operations=settings.operations, magnitude=settings.magnitude
            )
        case "trivialaugment":
            return policies.trivialaugment(images, chance)
        case _:
            return autoaugment(images, chance, settings.policy)


def jittered(images: Tensor, chance: Chance, strength: float) -> Tensor:
    """Brightness, contrast and saturation, each by its own factor around 1. uint8 BHWC"""
    pixels = images.permute(0, 3, 1, 2).float()
    factors = 1 + strength * (2 * chance.uniforms("jitter", 3) - 1)
    changes = (colour.brightness, colour.contrast, colour.saturation)
    for change, factor in zip(changes, factors.unbind(1), strict=True):
        pixels = change(pixels, factor)
    return pixels.round_().to(images.dtype).permute(0, 2, 3, 1).contiguous()
