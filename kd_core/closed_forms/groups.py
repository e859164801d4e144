"""Classes in groups, sample by sample: which class is in which, as the labels or a teacher say."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from kd_core import ops


@dataclass(frozen=True)
class Groups:
    """Every class of every sample in one group: a few listed ones, and the rest, which is last."""

    apart: Tensor  # [B, sum of sizes], the classes listed, none twice in a row, group after group
    sizes: tuple[int, ...]  # of the groups that are listed
    classes: int
    stays: Tensor | None = None  # [B, sum of sizes], which of those listed stay in the rest

    @property
    def rest(self) -> int:
        return len(self.sizes)

    @property
    def count(self) -> int:
        return len(self.sizes) + 1

    @property
    def may_be_empty(self) -> bool:
        """Whether some group may have no class. Where some stay in the rest, neither is empty."""
        return min(self.sizes) < 1 or (self.stays is None and sum(self.sizes) >= self.classes)

    def of_classes(self) -> Tensor:
        """The group of every class. [B, C]"""
        device = self.apart.device
        listed = torch.cat([torch.full((size,), g) for g, size in enumerate(self.sizes)])
        group = listed.to(device).expand(self.apart.shape)
        if self.stays is not None:
            group = torch.where(self.stays, self.rest, group)
        shape = (len(self.apart), self.classes)
        return torch.full(shape, self.rest, device=device).scatter_(1, self.apart, group)

    def members(self) -> Tensor:
        """Whether a class is in a group. [B, count, C]"""
        names = torch.arange(self.count, device=self.apart.device)
        return self.of_classes().unsqueeze(1) == names.unsqueeze(1)


def above_the_leap(order: Tensor, logits: Tensor, leap: float, most: int) -> Groups:
    """Two groups, cut in each sample where its probability leaps; at most `most` classes above.

    order: every class, best first [B, C]; logits: as they go into the softmax [B, C].
    """
    sizes = _classes_above_the_leap(logits.gather(1, order), leap).clamp(max=most)  # [B]
    apart = order[:, :most]
    ranks = torch.arange(apart.shape[1], device=order.device)
    # The least probable class is no leap above itself, so some class always stays.
    stays = ranks >= sizes.unsqueeze(1)
    return Groups(apart, (apart.shape[1],), order.shape[1], stays)


def _classes_above_the_leap(descending: Tensor, leap: float) -> Tensor:
    """How many classes there are from the first, going up, whose probability is `leap` times the
    mean of all up to itself; 1 where there is none. [B, C] -> [B]
    """
    # A digit more or less would move the cut: in float32 many a small probability is lost.
    ascending = descending.double().flip(1)
    shares = (ascending - ascending[:, -1:]).exp_()
    sums = shares.cumsum(dim=1)
    classes = shares.shape[1]
    counts = torch.arange(1, classes + 1, dtype=shares.dtype, device=shares.device)
    leaps = (shares.mul_(counts) >= leap * sums) & (sums > 0)
    first = leaps.int().argmax(dim=1)
    return torch.where(leaps.any(dim=1), classes - first, 1)


def standardized_within(logits: Tensor, groups: Groups, chosen: tuple[int, ...]) -> Tensor:
    """The logits of the chosen groups less their group's mean, by its biased standard deviation
    and a little; the others as they are. [B, C] -> [B, C]; in double precision, see ops.
    """
    members = groups.members()
    for g in chosen:
        scores = _standard_scores(logits.double(), members[:, g]).to(logits.dtype)
        logits = torch.where(members[:, g], scores, logits)
    return logits


def _standard_scores(logits: Tensor, members: Tensor) -> Tensor:
    """Of the members of one group; 0 for everything else. [B, C], [B, C] -> [B, C]"""
    size = members.sum(dim=1, keepdim=True).clamp(min=1)
    highest = logits.detach().masked_fill(~members, -math.inf).amax(dim=1, keepdim=True)
    highest = torch.where(highest.isfinite(), highest, 0)  # of no members at all
    level = torch.where(members, logits - highest, 0)
    gaps = torch.where(members, level - level.sum(dim=1, keepdim=True) / size, 0)
    deviation = ops.root(gaps.square().sum(dim=1, keepdim=True) / size)
    return gaps / (deviation + ops.SPREAD_FLOOR)
