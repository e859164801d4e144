"""A network that fits the data, and the pixels it is given."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from kd_core.errors import ModelInvalid
from kd_core.models.build import Plan
from kd_core.spec.models import Student

GREY = {"mean": (0, 0, 0), "std": (1, 1, 1)}


def plan(data_size=32, architecture="resnet20", **section):
    return Plan.of(Student(architecture=architecture, **section), 5, data_size)


def noise(side, count=2):
    draw = np.random.default_rng(0)
    return draw.integers(0, 256, (count, side, side, 3)).astype(np.uint8)


def seen(made, images):
    """The pixels as the network sees them, back as bytes."""
    pixels = made.inputs(torch.from_numpy(images)) * 255
    return pixels.round().permute(0, 2, 3, 1).numpy().astype(np.int64)


def test_a_model_sees_the_data_s_size_unless_it_has_its_own():
    assert (32, 48) == (plan().image_size, plan(image_size=48).image_size)


@pytest.mark.parametrize("own", [8, 24, 31, 48, 64])
def test_its_own_size_is_resized_as_pillow_does_it(own):
    images = noise(32)
    bicubic = Image.Resampling.BICUBIC
    resized = np.stack([Image.fromarray(one).resize((own, own), bicubic) for one in images])
    found = seen(plan(image_size=own, **GREY), images)

    assert (2, own, own, 3) == found.shape
    # Pillow counts in integers: each of its two passes may end one step away, and seldom does.
    away = np.abs(found - resized.astype(np.int64))
    assert (away.max() <= 2, away.mean() < 0.05) == (True, True)


def test_the_size_that_it_has_already_is_left_alone():
    images = noise(32)

    assert np.array_equal(images, seen(plan(image_size=32, **GREY), images))


def test_each_model_is_scaled_its_own_way_from_the_same_bytes():
    images = np.full((1, 16, 16, 3), 255, np.uint8)
    bright = plan(mean=(1, 1, 1), std=(0.5, 0.5, 0.5), image_size=8).inputs(torch.tensor(images))
    dark = plan(mean=(0, 0, 0), std=(0.5, 0.5, 0.5)).inputs(torch.tensor(images))

    assert (0, 2) == (bright.abs().max().item(), dark.min().item())


def test_an_architecture_of_a_fixed_size_is_made_for_its_own():
    made = plan(data_size=16, architecture="test_vit", image_size=32)

    assert {"img_size": 32} == made.arguments
    assert (1, 5) == made.build("/teacher/architecture")(torch.zeros(1, 3, 32, 32)).shape


def test_a_size_that_does_not_fit_names_the_way_out():
    with pytest.raises(ModelInvalid, match="cannot take images of 9x9") as caught:
        plan(data_size=9, architecture="test_vit").build("/teacher/architecture")

    assert "set image_size beside architecture" in caught.value.problems[0].hint
