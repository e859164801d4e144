"""What a recipe's `augment` does to a batch, in its order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kd_core.augment import colour, geometry, policies
from kd_core.augment.chance import Chance
from kd_core.spec.augment import FlipCrop, NoAugment, ResizedCrop

if TYPE_CHECKING:
    from torch import Tensor

    from kd_core.spec.augment import Augment


def augmented(images: Tensor, settings: Augment, chance: Chance) -> Tensor:
    """uint8 [B, S, S, 3], the same images as this draw sees them."""
    match settings:
        case NoAugment():
            return images
        case FlipCrop():
            images = geometry.flip_crop(
                images, chance, flip=settings.flip, padding=settings.padding
            )
        case ResizedCrop():
            images = geometry.resized_crop(images, chance, flip=settings.flip, scale=settings.scale)
    if settings.policy == "randaugment":
        images = policies.randaugment(
            images, chance, operations=settings.operations, magnitude=settings.magnitude
        )
    elif settings.policy == "trivialaugment":
        images = policies.trivialaugment(images, chance)
    if settings.jitter:
        images = jittered(images, chance, settings.jitter)
    if settings.cutout:
        images = geometry.cutout(images, chance, settings.cutout)
    return images


def jittered(images: Tensor, chance: Chance, strength: float) -> Tensor:
    """Brightness, contrast and saturation, each by its own factor around 1. uint8 BHWC"""
    pixels = images.permute(0, 3, 1, 2).float()
    factors = 1 + strength * (2 * chance.uniforms("jitter", 3) - 1)
    changes = (colour.brightness, colour.contrast, colour.saturation)
    for change, factor in zip(changes, factors.unbind(1), strict=True):
        pixels = change(pixels, factor)
    return pixels.round_().to(images.dtype).permute(0, 2, 3, 1).contiguous()
