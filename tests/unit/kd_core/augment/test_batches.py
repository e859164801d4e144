"""Whole batches against one image at a time: cropped, mirrored, recoloured, hidden in part."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance, ImageOps

from kd_core.augment import colour, geometry
from kd_core.augment.batches import augmented
from kd_core.augment.chance import Chance
from kd_core.spec.augment import FlipCrop, NoAugment, ResizedCrop
from tests.support.photographs import SIDE, photographs

SETTINGS = {
    "flip_crop": FlipCrop(kind="flip_crop"),
    "resized_crop": ResizedCrop(kind="resized_crop"),
    "randaugment": FlipCrop(kind="flip_crop", policy="randaugment", operations=3),
    "trivialaugment": FlipCrop(kind="flip_crop", policy="trivialaugment"),
    "cifar10": FlipCrop(kind="flip_crop", policy="autoaugment_cifar10"),
    "imagenet": ResizedCrop(kind="resized_crop", policy="autoaugment_imagenet"),
    "everything": ResizedCrop(
        kind="resized_crop", policy="trivialaugment", jitter=0.4, cutout=4, flip=False
    ),
}
COLOURS = {
    "brightness": (colour.brightness, lambda at: ImageEnhance.Brightness(at).enhance(1.5)),
    "contrast": (colour.contrast, lambda at: ImageEnhance.Contrast(at).enhance(1.5)),
    "saturation": (colour.saturation, lambda at: ImageEnhance.Color(at).enhance(1.5)),
    "sharpness": (colour.sharpness, lambda at: ImageEnhance.Sharpness(at).enhance(1.5)),
    "posterize": (
        lambda at, _: colour.posterize(at, torch.full((len(at),), 3.0)),
        lambda at: ImageOps.posterize(at, 3),
    ),
    "solarize": (
        lambda at, _: colour.solarize(at, torch.full((len(at),), 128.0)),
        lambda at: ImageOps.solarize(at, 128),
    ),
    "autocontrast": (lambda at, _: colour.autocontrast(at), ImageOps.autocontrast),
}


def chance(count=16, seed=0, epoch=0):
    return Chance(seed, epoch, torch.arange(count))


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_a_sample_looks_the_same_in_whichever_batch_it_is(settings):
    images = photographs()
    whole = augmented(images, settings, chance())
    some = torch.tensor([9, 3, 14])

    assert torch.equal(whole[some], augmented(images[some], settings, Chance(0, 0, some)))


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_another_epoch_sees_another_view(settings):
    images = photographs()
    first, second = (augmented(images, settings, chance(epoch=epoch)) for epoch in (0, 1))

    assert first.shape == images.shape
    assert first.dtype == torch.uint8
    assert not torch.equal(first, second)


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_the_images_given_are_left_as_they_were(settings):
    images = photographs()
    before = images.clone()
    augmented(images, settings, chance())

    assert torch.equal(before, images)


def test_nothing_is_changed_unless_it_is_asked_for():
    images = photographs()

    assert augmented(images, NoAugment(kind="none"), chance()) is images


def test_every_crop_is_a_window_of_the_bordered_image_mirrored_or_not():
    images, padding = photographs(64), 3
    views = torch.arange(geometry.count_flip_crops(True, padding))
    cropped = geometry.flip_crop(images.repeat(2, 1, 1, 1)[: len(views)], views, padding=padding)
    for view, found in zip(views.tolist(), cropped, strict=True):
        image, top, left = images[view % 64], view // 7 % 7, view % 7
        bordered = ImageOps.expand(Image.fromarray(image.numpy()), padding)
        window = bordered.crop((left, top, left + SIDE, top + SIDE))
        expected = ImageOps.mirror(window) if view >= 49 else window

        assert np.array_equal(np.asarray(expected), found.numpy())


def test_every_view_is_drawn_about_as_often_as_any_other():
    draws = geometry.flip_crop_views(chance(20_000), flip=True, padding=3)
    counts = draws.bincount(minlength=98)

    assert len(counts) == 98
    assert int(counts.min()) > 0.7 * 20_000 / 98
    assert int(counts.max()) < 1.3 * 20_000 / 98


def test_without_flip_no_image_is_mirrored():
    images = photographs(64)

    settings = FlipCrop(kind="flip_crop", flip=False, padding=0)

    assert torch.equal(augmented(images, settings, chance(64)), images)


def test_the_whole_area_is_the_image_itself():
    images = photographs(4)
    same = torch.tensor([[1.0, 0, 0], [0, 1, 0]]).expand(4, 2, 3)

    assert torch.equal(geometry.warped(images, same), images)


def test_a_resized_crop_stays_inside_its_image():
    bright = torch.full((64, SIDE, SIDE, 3), 200, dtype=torch.uint8)
    cropped = geometry.resized_crop(bright, chance(64), flip=True, scale=(0.08, 1.0))
    inner = cropped[:, 1:-1, 1:-1]

    assert int(inner.min()) == 200  # black would be from outside


def test_cutout_hides_a_square_and_nothing_else():
    bright = torch.full((64, SIDE, SIDE, 3), 200, dtype=torch.uint8)
    hidden = (geometry.cutout(bright, chance(64), 4) == 0).all(dim=3).sum(dim=(1, 2))

    assert int(hidden.max()) == 16
    assert int(hidden.min()) >= 4


@pytest.mark.parametrize(("ours", "pillows"), COLOURS.values(), ids=COLOURS)
def test_a_change_of_colour_is_pillows(ours, pillows):
    images = photographs()
    factor = torch.full((len(images),), 1.5)
    found = ours(images.permute(0, 3, 1, 2).float(), factor).round().permute(0, 2, 3, 1)
    expected = np.stack([np.asarray(pillows(Image.fromarray(at.numpy()))) for at in images])

    assert np.abs(found.numpy() - expected).max() <= 2  # Pillow rounds in between


def test_an_equalised_image_has_a_flat_histogram():
    dark = photographs(4) // 3
    found = colour.equalize(dark.permute(0, 3, 1, 2).float())
    shares = torch.arange(0, 1, 0.25).add(0.25)
    quantiles = torch.quantile(found.flatten(2), shares[:-1], dim=2)

    assert float(found.amax()) == 255
    torch.testing.assert_close(quantiles.mean(dim=(1, 2)), 255 * shares[:-1], rtol=0, atol=12)
