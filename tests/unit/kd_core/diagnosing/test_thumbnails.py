"""Thumbnails: pictures of at most 96 pixels, small whatever they show."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from kd_core.diagnosing.thumbnails import thumbnail, thumbnails
from kd_core.diagnosis import MOST_THUMBNAIL_BYTES


def noise(side, count=1):
    return np.random.default_rng(0).integers(0, 256, (count, side, side, 3), dtype=np.uint8)


def opened(data):
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize(("side", "shown"), [(8, 8), (96, 96), (224, 96), (1, 1)])
def test_a_picture_is_never_enlarged_and_never_wider_than_96(side, shown):
    data = thumbnail(noise(side)[0])

    assert opened(data).size == (shown, shown)
    assert opened(data).format == "PNG"


@pytest.mark.parametrize("side", [96, 97, 500])
def test_even_noise_is_small(side):
    assert len(thumbnail(noise(side)[0])) <= MOST_THUMBNAIL_BYTES


def test_a_small_picture_is_exact():
    pixels = noise(16)[0]

    assert np.array_equal(np.asarray(opened(thumbnail(pixels))), pixels)


def test_grey_pictures_have_one_channel():
    assert opened(thumbnail(noise(16)[0][..., :1].repeat(3, axis=-1))).mode == "L"


def test_each_place_gets_its_own_picture():
    images = noise(8, count=5)
    third, first = (opened(base64.b64decode(one)) for one in thumbnails(images, [3, 1]))

    assert np.array_equal(np.asarray(third), images[3])
    assert np.array_equal(np.asarray(first), images[1])
    assert thumbnails(images, []) == []
