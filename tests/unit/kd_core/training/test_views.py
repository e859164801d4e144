"""Mixup and cutmix: what is mixed, how labels are shared, and that a view can be made again."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kd_core.data.dataset import Samples
from kd_core.training.batches import Batches
from kd_core.training.views import Views
from tests.support import toys

CLASSES, COUNT, SIDE = 4, 24, 8
KINDS = ("mixup", "cutmix")


def split(labelled=True):
    """Image i is all of the value 10 i, so that a pixel tells whose it is."""
    values = np.arange(COUNT, dtype=np.uint8) * 10
    images = np.broadcast_to(values[:, None, None, None], (COUNT, SIDE, SIDE, 3)).copy()
    labels = np.arange(COUNT) % CLASSES if labelled else None
    names = tuple(map(str, range(COUNT)))
    return Batches(
        Samples(images=images, labels=labels, names=names, index=np.arange(COUNT)), 6, "cpu"
    )


def views(kind, *, alpha=1.0, labelled=True, **recipe):
    mix = None if kind is None else {"kind": kind, "alpha": alpha}
    return Views(split(labelled), toys.recipe(mix=mix, **recipe), CLASSES, seed=0)


def seen(of, index=range(COUNT), number=0):
    return of.of(of.split.at(torch.tensor(list(index))), number)


@pytest.mark.parametrize("kind", KINDS)
def test_every_label_is_shared_out_whole(kind):
    labels = seen(views(kind)).labels

    assert labels.shape == (COUNT, CLASSES)
    torch.testing.assert_close(labels.sum(dim=1), torch.ones(COUNT))
    assert bool((labels >= 0).all())


@pytest.mark.parametrize("kind", [None, *KINDS])
def test_a_view_does_not_depend_on_the_batch(kind):
    of = views(kind, augment={"kind": "flip_crop", "padding": 2})
    whole, some = seen(of), seen(of, index=[7, 2, 19])

    assert torch.equal(whole.images[[7, 2, 19]], some.images)
    assert torch.equal(whole.labels[[7, 2, 19]], some.labels)
    assert not torch.equal(whole.images, seen(of, number=1).images)


def test_without_a_change_a_batch_is_what_it_was():
    of = views(None)
    batch = of.split.at(torch.arange(3))

    assert of.of(batch, 5).images is batch.images


@pytest.mark.parametrize("kind", KINDS)
def test_the_split_is_left_as_it_was(kind):
    of = views(kind)
    before = of.split.images.clone()
    seen(of)

    assert torch.equal(before, of.split.images)


def test_mixup_blends_pixels_as_it_shares_labels():
    """Two classes of two brightnesses: the share of a label can be read off the image."""
    of = views("mixup")
    of.split.images[:] = (of.split.labels == 1).view(-1, 1, 1, 1) * 200
    found = seen(of)
    brightness = found.images.float().mean(dim=(1, 2, 3))

    torch.testing.assert_close(brightness, 200 * found.labels[:, 1], rtol=0, atol=0.51)
    assert len(brightness.unique()) > COUNT / 4


def test_cutmix_shares_labels_by_the_pixels_that_are_left():
    of = views("cutmix")
    of.split.images[:] = (of.split.labels == 1).view(-1, 1, 1, 1) * 200
    found = seen(of)

    assert set(found.images.unique().tolist()) == {0, 200}
    pasted = (found.images > 0).float().mean(dim=(1, 2, 3))
    torch.testing.assert_close(pasted, found.labels[:, 1])


@pytest.mark.parametrize("kind", KINDS)
def test_images_without_labels_are_mixed_all_the_same(kind):
    of = views(kind, labelled=False)

    assert seen(of).labels is None
    assert not torch.equal(seen(of).images, of.split.images)


def test_a_small_alpha_leaves_most_images_whole():
    largest = seen(views("mixup", alpha=0.01)).labels.max(dim=1).values

    assert int((largest > 0.99).sum()) > 0.8 * COUNT
