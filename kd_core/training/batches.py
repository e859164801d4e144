"""The order in which samples are seen: a function of the seed and the epoch, without memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from kd_core.training.on_device import images_on

if TYPE_CHECKING:
    from kd_core.data.dataset import Samples


@dataclass(frozen=True)
class Batch:
    images: Tensor  # uint8 [B, S, S, 3]
    labels: Tensor | None  # [B]; [B, C], the share of each class, where images are mixed
    index: Tensor  # [B], position in the split
    view: Tensor | None = None  # [B], which of its recorded views each sample shows

    def parts(self, count: int) -> Iterator[Batch]:
        """The batch cut evenly, into fewer than `count` where a part would be a single sample."""
        count = max(1, min(count, len(self.images) // 2))
        cut = (_cut(at, count) for at in (self.images, self.labels, self.index, self.view))
        for images, labels, index, view in zip(*cut, strict=True):
            yield Batch(images, labels, index, view)


def _cut(tensor: Any, count: int) -> Sequence[Any]:
    return (None,) * count if tensor is None else tensor.tensor_split(count)


class Batches:
    """One split on one device, in whole batches."""

    def __init__(self, samples: Samples, batch_size: int, device: str) -> None:
        self.images = images_on(device, samples.images)
        self.labels = (
            None if samples.labels is None else torch.from_numpy(samples.labels).to(device)
        )
        self.batch_size = batch_size

    def __len__(self) -> int:
        """Steps in an epoch. A last batch of one sample is left out: see `shuffled`."""
        return len(range(0, len(self.images) - 1, self.batch_size))

    def shuffled(self, seed: int, epoch: int, first: int = 0) -> Iterator[Batch]:
        """The batches of an epoch, from the one at `first` on.

        A remainder of a single sample is left out, since batch normalisation has no statistics
        of one; which sample that is changes from epoch to epoch.
        """
        generator = torch.Generator().manual_seed(_mixed(seed, epoch))
        order = torch.randperm(len(self.images), generator=generator).to(self.images.device)
        for position in range(first, len(self)):
            yield self.at(order[position * self.batch_size : (position + 1) * self.batch_size])

    def in_order(self) -> Iterator[Batch]:
        """Every sample once, as the data set has them: for evaluation."""
        everything = torch.arange(len(self.images), device=self.images.device)
        for first in range(0, len(everything), self.batch_size):
            yield self.at(everything[first : first + self.batch_size])

    def at(self, index: Tensor) -> Batch:
        """These samples, by their place in the split."""
        labels = None if self.labels is None else self.labels[index]
        return Batch(self.images[index], labels, index)


def _mixed(seed: int, epoch: int) -> int:
    """A seed for one epoch; neighbouring seeds and epochs share nothing."""
    digest = hashlib.sha256(f"{seed}/{epoch}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
