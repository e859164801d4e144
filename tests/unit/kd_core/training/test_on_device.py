"""Batches are the same wherever the images of a split are kept."""

import numpy as np
import pytest
import torch

from kd_core.data.images import Mapped
from kd_core.training.on_device import Fetched, images_on

PIXELS = np.random.default_rng(0).integers(0, 256, (9, 4, 4, 3), dtype=np.uint8)
KEPT = np.array([0, 1, 3, 4, 7, 8])


def paged():
    return Mapped(PIXELS, KEPT)


def test_what_is_in_memory_is_not_copied():
    assert images_on("cpu", PIXELS).data_ptr() == PIXELS.ctypes.data


def test_what_is_on_disk_is_fetched_batch_by_batch():
    images = images_on("cpu", paged())
    index = torch.tensor([5, 0, 0, 2])

    assert isinstance(images, Fetched)
    assert (6, "cpu") == (len(images), images.device.type)
    assert torch.equal(torch.from_numpy(PIXELS[[8, 0, 0, 3]]), images[index])
    assert torch.equal(torch.from_numpy(PIXELS[KEPT[1:3]]), images[1:3])


def test_a_batch_is_ones_own_to_change():
    images = images_on("cpu", paged())
    before = PIXELS.copy()
    images[torch.tensor([1])].zero_()

    np.testing.assert_array_equal(before, PIXELS)


@pytest.mark.gpu
def test_a_gpu_with_room_gets_all_of_them():
    images = images_on("cuda", paged())

    assert isinstance(images, torch.Tensor)
    assert torch.equal(torch.from_numpy(PIXELS[KEPT]), images.cpu())


@pytest.mark.gpu
def test_a_gpu_without_room_gets_each_batch():
    images = Fetched(paged(), "cuda")
    index = torch.tensor([5, 0], device="cuda")

    assert "cuda" == images[index].device.type
    assert torch.equal(torch.from_numpy(PIXELS[[8, 0]]), images[index].cpu())
