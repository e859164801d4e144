"""Mixup and cutmix: what is mixed, how labels are shared, and that a resume repeats it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from kd_core.spec.recipe import Mix
from kd_core.training.batches import Batch
from kd_core.training.mixing import mixed

CLASSES = 4
KINDS = ("mixup", "cutmix")


def level(count=6, side=8):
    """Image i is all of the value 40 i, so that a pixel tells whose it is."""
    values = 40 * torch.arange(count, dtype=torch.uint8)
    images = values[:, None, None, None].expand(count, side, side, 3).contiguous()
    return Batch(images, torch.arange(count) % CLASSES, torch.arange(count))


def mix(kind, batch=None, seed=0, step=0, alpha=1.0):
    return mixed(batch or level(), Mix(kind=kind, alpha=alpha), CLASSES, seed, step)


@pytest.mark.parametrize("kind", KINDS)
def test_every_label_is_shared_out_whole(kind):
    for step in range(20):
        labels = mix(kind, step=step).labels

        assert labels.shape == (6, CLASSES)
        torch.testing.assert_close(labels.sum(dim=1), torch.ones(6))
        assert bool((labels >= 0).all())


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_is_mixed_the_same_way_whenever_it_is_taken(kind):
    once, again, other = mix(kind, step=7), mix(kind, step=7), mix(kind, step=8)

    assert torch.equal(once.images, again.images)
    assert torch.equal(once.labels, again.labels)
    assert not torch.equal(once.images, other.images)


@pytest.mark.parametrize("kind", KINDS)
def test_the_images_given_are_left_as_they_were(kind):
    batch = level()
    before = batch.images.clone()
    mix(kind, batch)

    assert torch.equal(before, batch.images)


def test_mixup_blends_pixels_as_it_shares_labels():
    batch = replace(level(2), labels=torch.tensor([0, 1]))
    blends = [mix("mixup", batch, step=step) for step in range(20)]
    swapped = [at for at in blends if at.images[0, 0, 0, 0] > 0]

    assert swapped
    for at in swapped:
        assert float(at.images[0].float().mean()) == pytest.approx(
            40 * float(at.labels[0, 1]), abs=0.5
        )


def test_cutmix_shares_labels_by_the_pixels_that_are_left():
    batch = replace(level(2), labels=torch.tensor([0, 1]))
    for step in range(20):
        at = mix("cutmix", batch, step=step)

        assert set(at.images.unique().tolist()) <= {0, 40}
        assert float((at.images[0] > 0).float().mean()) == pytest.approx(float(at.labels[0, 1]))


def test_images_without_labels_are_mixed_all_the_same():
    batch = replace(level(), labels=None)

    assert mix("mixup", batch).labels is None
    assert not torch.equal(mix("mixup", batch).images, batch.images)


def test_a_small_alpha_leaves_most_images_whole():
    shares = [float(mix("mixup", step=step, alpha=0.01).labels.max()) for step in range(50)]

    assert sum(share > 0.99 for share in shares) > 40
