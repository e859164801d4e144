"""Random operations on shape and colour over a whole batch: RandAugment and TrivialAugment."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from kd_core.augment import colour
from kd_core.augment.chance import Chance, is_heads
from kd_core.augment.geometry import warped

# Each takes float pixels [B, 3, H, W] and a strength in [0, 1] with its sign apart, both [B].
# The ranges are those of RandAugment (arXiv:1909.13719) as torchvision publishes them.
Operation = Callable[[Tensor, Tensor, Tensor], Tensor]


def _enhanced(change: Callable[[Tensor, Tensor], Tensor]) -> Operation:
    return lambda pixels, strength, sign: change(pixels, 1 + 0.9 * strength * sign)


COLOURS: Mapping[str, Operation] = {
    "brightness": _enhanced(colour.brightness),
    "contrast": _enhanced(colour.contrast),
    "saturation": _enhanced(colour.saturation),
    "sharpness": _enhanced(colour.sharpness),
    "posterize": lambda pixels, strength, _: colour.posterize(pixels, 8 - 4 * strength),
    "solarize": lambda pixels, strength, _: colour.solarize(pixels, 255 * (1 - strength)),
    "autocontrast": lambda pixels, _, __: colour.autocontrast(pixels),
    "equalize": lambda pixels, _, __: colour.equalize(pixels),
}
MOTIONS = ("identity", "shear_x", "shear_y", "translate_x", "translate_y", "rotate")
OPERATIONS = (*MOTIONS, *COLOURS)
"""Of RandAugment and TrivialAugment, each as likely as any other."""
ALL_COLOURS: Mapping[str, Operation] = {**COLOURS, "invert": lambda pixels, _, __: 255 - pixels}
ALL_OPERATIONS = (*MOTIONS, *ALL_COLOURS)
SHEAR, SHIFT, DEGREES = 0.3, 150 / 331, 30.0


def randaugment(images: Tensor, chance: Chance, *, operations: int, magnitude: float) -> Tensor:
    """So many operations on each image, one after the other, all of one strength. uint8 BHWC"""
    for turn in range(operations):
        choice, _, sign = chance.uniforms(f"rand{turn}", 3).unbind(1)
        images = applied(images, _drawn(choice), torch.full_like(choice, magnitude), sign)
    return images


def trivialaugment(images: Tensor, chance: Chance) -> Tensor:
    """One operation of any strength on each image (arXiv:2103.10158). uint8 BHWC"""
    choice, strength, sign = chance.uniforms("trivial", 3).unbind(1)
    return applied(images, _drawn(choice), strength, sign)


def _drawn(choice: Tensor) -> Tensor:
    return (choice * len(OPERATIONS)).long()


def applied(images: Tensor, chosen: Tensor, strength: Tensor, sign: Tensor) -> Tensor:
    """Each image through its own of ALL_OPERATIONS; `sign` is drawn from [0, 1). uint8 BHWC"""
    strength, sign = strength.float(), torch.where(is_heads(sign), -1.0, 1.0)
    moved = warped(images, _matrices(chosen, strength * sign), mode="nearest")
    pixels = moved.permute(0, 3, 1, 2).float()
    for number, change in enumerate(ALL_COLOURS.values(), start=len(MOTIONS)):
        those = chosen == number
        pixels[those] = change(pixels[those], strength[those], sign[those])
    return pixels.round_().clamp_(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def _matrices(chosen: Tensor, strength: Tensor) -> Tensor:
    """The affine map of each sample's motion; of the others, the identity. [B, 2, 3]"""

    def where(name: str, value: Tensor) -> Tensor:
        return torch.where(chosen == MOTIONS.index(name), value, torch.zeros_like(value))

    angle = where("rotate", strength * math.radians(DEGREES))
    across = [
        angle.cos(),
        where("shear_x", SHEAR * strength) - angle.sin(),
        where("translate_x", 2 * SHIFT * strength),
    ]
    down = [
        where("shear_y", SHEAR * strength) + angle.sin(),
        angle.cos(),
        where("translate_y", 2 * SHIFT * strength),
    ]
    return torch.stack([*across, *down], dim=1).view(-1, 2, 3)
