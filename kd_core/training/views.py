"""Samples as training sees them: changed at random, mixed, each view a function of its place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from torch import Tensor
from torch.nn.functional import one_hot

from kd_core.augment.batches import augmented
from kd_core.augment.chance import Chance
from kd_core.augment.mixing import mixed, partners, shares

if TYPE_CHECKING:
    from kd_core.spec.recipe import Recipe
    from kd_core.training.batches import Batch, Batches


class Views:
    """The views of one split under one recipe. `number` says which of a sample's views: usually
    the epoch, and where views repeat, the epoch's place in their circle.
    """

    def __init__(self, split: Batches, recipe: Recipe, classes: int) -> None:
        self.split = split
        self.recipe = recipe
        self.classes = classes

    def of(self, batch: Batch, number: int) -> Batch:
        chance = Chance(self.recipe.seed, number, batch.index)
        images = augmented(batch.images, self.recipe.augment, chance)
        if self.recipe.mix is None:
            return replace(batch, images=images)
        return self._mixed(replace(batch, images=images), chance)

    def _mixed(self, batch: Batch, chance: Chance) -> Batch:
        mix, samples = self.recipe.mix, len(self.split.images)
        assert mix is not None  # noqa: S101 - for the type checker
        other = self.split.at(partners(chance, samples))
        others = augmented(other.images, self.recipe.augment, replace(chance, index=other.index))
        images, kept = mixed(mix, batch.images, others, shares(mix, chance, samples), chance)
        if batch.labels is None or other.labels is None:
            return replace(batch, images=images)
        return replace(batch, images=images, labels=self._shared(batch.labels, other.labels, kept))

    def _shared(self, labels: Tensor, others: Tensor, kept: Tensor) -> Tensor:
        share = kept.float().unsqueeze(1)
        own, theirs = (one_hot(at.long(), self.classes).float() for at in (labels, others))
        return share * own + (1 - share) * theirs
