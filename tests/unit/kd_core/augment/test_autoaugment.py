"""AutoAugment over a batch against torchvision's, one image at a time."""

from __future__ import annotations

import pytest
import torch
from torchvision.transforms import autoaugment as theirs
from torchvision.transforms.functional import InterpolationMode

from kd_core.augment import autoaugment as ours
from kd_core.augment.chance import Chance
from kd_core.augment.policies import ALL_OPERATIONS, applied
from tests.support.photographs import photographs

NAMES = {"Color": "saturation", "ShearX": "shear_x", "ShearY": "shear_y"}
NAMES |= {"TranslateX": "translate_x", "TranslateY": "translate_y"}
TABLES = {
    "autoaugment_cifar10": theirs.AutoAugmentPolicy.CIFAR10,
    "autoaugment_imagenet": theirs.AutoAugmentPolicy.IMAGENET,
}
COLOURS = ("Brightness", "Color", "Contrast", "Sharpness", "Posterize", "Solarize", "Invert")


@pytest.mark.parametrize("name", TABLES)
def test_the_table_is_torchvisions(name):
    expected = tuple(
        tuple((NAMES.get(kind, kind.lower()), share, level or 0) for kind, share, level in policy)
        for policy in theirs.AutoAugment(TABLES[name]).policies
    )

    assert expected == ours.POLICIES[name]


def torchvisions(images, kind, level, sign):
    strengths, signed = theirs.AutoAugment()._augmentation_space(10, images.shape[1:3])[kind]
    strength = float(strengths[level]) if strengths.ndim else 0.0
    changed = theirs._apply_op(
        images.permute(0, 3, 1, 2),
        kind,
        strength * sign if signed else strength,
        interpolation=InterpolationMode.NEAREST,
        fill=None,
    )
    return changed.permute(0, 2, 3, 1)


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("kind", COLOURS)
def test_a_level_is_as_strong_as_torchvisions(kind, sign):
    images = photographs()
    number = torch.full((len(images),), ALL_OPERATIONS.index(NAMES.get(kind, kind.lower())))
    for level in range(10):
        strength = torch.full((len(images),), level / ours.STRONGEST)
        found = applied(images, number, strength, torch.full_like(strength, sign > 0) * 0.9)
        expected = torchvisions(images, kind, level, sign)

        assert (found.int() - expected.int()).abs().max() <= 2


@pytest.mark.parametrize(("name", "table"), ours.POLICIES.items())
def test_each_image_goes_through_a_policy_of_its_own(name, table):
    images = photographs(64)
    draws = Chance(3, 1, torch.arange(64)).uniforms("autoaug", 5).tolist()
    found = ours.autoaugment(images, Chance(3, 1, torch.arange(64)), name)
    for at, (which, *happens_and_signs) in enumerate(draws):
        image = images[at : at + 1]
        for turn, (kind, share, level) in enumerate(table[int(which * len(table))]):
            if happens_and_signs[turn] < share:
                sign = torch.tensor([happens_and_signs[2 + turn]])
                number = torch.tensor([ALL_OPERATIONS.index(kind)])
                image = applied(image, number, torch.tensor([level / 9]), sign)

        assert torch.equal(image[0], found[at])
