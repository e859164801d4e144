"""AutoAugment: the tables that were found for CIFAR-10 and ImageNet, over a whole batch."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from kd_core.augment.chance import Chance
from kd_core.augment.policies import ALL_OPERATIONS, MOTIONS, applied

# Two operations of each policy, one after the other: name, how often, level from 0 to 9. They are
# those of arXiv:1805.09501, tables 7 and 9, in the order in which torchvision lists them.
Policy = tuple[tuple[str, float, int], tuple[str, float, int]]
CIFAR10: tuple[Policy, ...] = (
    (("invert", 0.1, 0), ("contrast", 0.2, 6)),
    (("rotate", 0.7, 2), ("translate_x", 0.3, 9)),
    (("sharpness", 0.8, 1), ("sharpness", 0.9, 3)),
    (("shear_y", 0.5, 8), ("translate_y", 0.7, 9)),
    (("autocontrast", 0.5, 0), ("equalize", 0.9, 0)),
    (("shear_y", 0.2, 7), ("posterize", 0.3, 7)),
    (("saturation", 0.4, 3), ("brightness", 0.6, 7)),
    (("sharpness", 0.3, 9), ("brightness", 0.7, 9)),
    (("equalize", 0.6, 0), ("equalize", 0.5, 0)),
    (("contrast", 0.6, 7), ("sharpness", 0.6, 5)),
    (("saturation", 0.7, 7), ("translate_x", 0.5, 8)),
    (("equalize", 0.3, 0), ("autocontrast", 0.4, 0)),
    (("translate_y", 0.4, 3), ("sharpness", 0.2, 6)),
    (("brightness", 0.9, 6), ("saturation", 0.2, 8)),
    (("solarize", 0.5, 2), ("invert", 0.0, 0)),
    (("equalize", 0.2, 0), ("autocontrast", 0.6, 0)),
    (("equalize", 0.2, 0), ("equalize", 0.6, 0)),
    (("saturation", 0.9, 9), ("equalize", 0.6, 0)),
    (("autocontrast", 0.8, 0), ("solarize", 0.2, 8)),
    (("brightness", 0.1, 3), ("saturation", 0.7, 0)),
    (("solarize", 0.4, 5), ("autocontrast", 0.9, 0)),
    (("translate_y", 0.9, 9), ("translate_y", 0.7, 9)),
    (("autocontrast", 0.9, 0), ("solarize", 0.8, 3)),
    (("equalize", 0.8, 0), ("invert", 0.1, 0)),
    (("translate_y", 0.7, 9), ("autocontrast", 0.9, 0)),
)
IMAGENET: tuple[Policy, ...] = (
    (("posterize", 0.4, 8), ("rotate", 0.6, 9)),
    (("solarize", 0.6, 5), ("autocontrast", 0.6, 0)),
    (("equalize", 0.8, 0), ("equalize", 0.6, 0)),
    (("posterize", 0.6, 7), ("posterize", 0.6, 6)),
    (("equalize", 0.4, 0), ("solarize", 0.2, 4)),
    (("equalize", 0.4, 0), ("rotate", 0.8, 8)),
    (("solarize", 0.6, 3), ("equalize", 0.6, 0)),
    (("posterize", 0.8, 5), ("equalize", 1.0, 0)),
    (("rotate", 0.2, 3), ("solarize", 0.6, 8)),
    (("equalize", 0.6, 0), ("posterize", 0.4, 6)),
    (("rotate", 0.8, 8), ("saturation", 0.4, 0)),
    (("rotate", 0.4, 9), ("equalize", 0.6, 0)),
    (("equalize", 0.0, 0), ("equalize", 0.8, 0)),
    (("invert", 0.6, 0), ("equalize", 1.0, 0)),
    (("saturation", 0.6, 4), ("contrast", 1.0, 8)),
    (("rotate", 0.8, 8), ("saturation", 1.0, 2)),
    (("saturation", 0.8, 8), ("solarize", 0.8, 7)),
    (("sharpness", 0.4, 7), ("invert", 0.6, 0)),
    (("shear_x", 0.6, 5), ("equalize", 1.0, 0)),
    (("saturation", 0.4, 0), ("equalize", 0.6, 0)),
    (("equalize", 0.4, 0), ("solarize", 0.2, 4)),
    (("solarize", 0.6, 5), ("autocontrast", 0.6, 0)),
    (("invert", 0.6, 0), ("equalize", 1.0, 0)),
    (("saturation", 0.6, 4), ("contrast", 1.0, 8)),
    (("equalize", 0.8, 0), ("equalize", 0.6, 0)),
)
POLICIES = {"autoaugment_cifar10": CIFAR10, "autoaugment_imagenet": IMAGENET}
AutoAugment = Literal["autoaugment_cifar10", "autoaugment_imagenet"]
STRONGEST = 9


def autoaugment(images: Tensor, chance: Chance, policy: AutoAugment) -> Tensor:
    """Each image through one of the policies, drawn for it alone. uint8 BHWC"""
    operations, shares, strengths = _table(POLICIES[policy], images.device)
    draws = chance.uniforms("autoaug", 5)
    drawn = (draws[:, 0] * len(operations)).long()
    for turn in (0, 1):
        happens = draws[:, 1 + turn] < shares[drawn, turn]
        identity = torch.full_like(drawn, MOTIONS.index("identity"))
        chosen = torch.where(happens, operations[drawn, turn], identity)
        images = applied(images, chosen, strengths[drawn, turn], draws[:, 3 + turn])
    return images


def _table(policies: tuple[Policy, ...], device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Which operations, how often and how strong. [policies, 2] each"""
    names, shares, levels = (
        [[operation[part] for operation in policy] for policy in policies] for part in range(3)
    )
    numbers = [[ALL_OPERATIONS.index(str(name)) for name in pair] for pair in names]
    return (
        torch.tensor(numbers, device=device),
        torch.tensor(shares, dtype=torch.float64, device=device),
        torch.tensor(levels, dtype=torch.float64, device=device) / STRONGEST,
    )
