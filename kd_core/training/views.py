"""Samples as training sees them: changed at random, mixed, each view a function of its place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from kd_core.augment.batches import augmented, countable_views, drawn_views
from kd_core.augment.chance import Chance
from kd_core.augment.mixing import mixed, partners, shares

if TYPE_CHECKING:
    from kd_core.spec.recipe import Recipe
    from kd_core.training.batches import Batch, Batches


class Views:
    """The views of one split under one recipe.

    Without a cache every epoch draws afresh. With one, a sample has `count` recorded views: those
    of the first epochs, which then repeat, or all that there are, of which each epoch draws one.
    """

    def __init__(self, split: Batches, recipe: Recipe, classes: int, seed: int) -> None:
        self.split = split
        self.recipe = recipe
        self.classes = classes
        self.seed = seed

    @property
    def count(self) -> int | None:
        """How many views of a sample are recorded; none without a cache."""
        views = self.recipe.recorded_views
        return countable_views(self.recipe.augment) if views == "all" else views

    def of(self, batch: Batch, epoch: int) -> Batch:
        """The batch as an epoch, counted from 0, sees it."""
        cache = self.recipe.teacher_cache
        if cache is None:
            return self._seen(batch, Chance(self.seed, epoch, batch.index))
        if cache.views == "all":
            chance = Chance(self.seed, epoch, batch.index)
            return self.recorded(batch, drawn_views(self.recipe.augment, chance))
        return self.recorded(batch, torch.full_like(batch.index, epoch % (self.count or 1)))

    def recorded(self, batch: Batch, views: Tensor) -> Batch:
        """The batch with each sample in one of its recorded views. views: int64 [B]"""
        cache = self.recipe.teacher_cache
        if cache is not None and cache.views == "all":
            chance = Chance(self.seed, 0, batch.index)
            images = augmented(batch.images, self.recipe.augment, chance, views)
            return replace(batch, images=images, view=views)
        # A recorded view is that of an epoch, and a batch is of one epoch.
        seen = self._seen(batch, Chance(self.seed, int(views[0]), batch.index))
        return replace(seen, view=views)

    def _seen(self, batch: Batch, chance: Chance) -> Batch:
        images = augmented(batch.images, self.recipe.augment, chance)
        if self.recipe.mix is None:
            return replace(batch, images=images)
        samples = len(self.split.images)
        other = self.split.at(partners(chance, samples))
        others = augmented(other.images, self.recipe.augment, replace(chance, index=other.index))
        keeps = shares(self.recipe.mix, chance, samples)
        images, kept = mixed(self.recipe.mix, images, others, keeps, chance)
        if batch.labels is None or other.labels is None:
            return replace(batch, images=images)
        return replace(batch, images=images, labels=self._shared(batch.labels, other.labels, kept))

    def _shared(self, labels: Tensor, others: Tensor, kept: Tensor) -> Tensor:
        share = kept.float().unsqueeze(1)
        own, theirs = (one_hot(at.long(), self.classes).float() for at in (labels, others))
        return share * own + (1 - share) * theirs
