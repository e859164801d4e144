"""A teacher that did not do what it had to: what is known of it, and how to ask it for more."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from kd_core.training.batches import Batches
from kd_core.training.evaluation import teacher_answers

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from kd_core.data.dataset import DataSet, Samples
    from kd_core.models.build import Plan
    from kd_core.models.teacher import Teacher

MOST_SAMPLES = 512  # that are asked about again: enough to tell 0.85 from 0.92
SURE = 4.0  # standard deviations that a difference must have over chance
LEAST_SAMPLES = 24  # that can make anything sure, after a quarter of them was spent on choosing


@dataclass(frozen=True)
class Case:
    """Labelled validation samples with the teacher's answers to them."""

    teacher: Teacher
    dataset: DataSet
    logits: Tensor  # float32 [N, C]
    labels: Tensor  # [N]
    floor: float
    batch_size: int
    device: str

    @cached_property
    def right(self) -> Tensor:
        """Which answers are. bool [N]"""
        return is_right(self.logits, self.labels)

    @cached_property
    def few(self) -> NDArray[np.int64]:
        """Places of at most MOST_SAMPLES samples, evenly over the classes."""
        by_class = self.labels.argsort(stable=True).numpy()
        chosen = np.linspace(0, len(by_class) - 1, min(len(by_class), MOST_SAMPLES))
        return np.asarray(by_class[chosen.astype(np.int64)])

    @property
    def is_near_chance(self) -> bool:
        return share(self.right) < chance_floor(self.labels)

    def ask(self, plan: Plan, places: NDArray[np.int64]) -> Tensor:
        """The teacher's answers to some samples, seen as `plan` has it. float32 [n, C]"""
        split = Batches(_subset(self.dataset.validation, places), self.batch_size, self.device)
        return teacher_answers(self.teacher, split, plan)

    def class_name(self, label: int) -> str:
        names = self.dataset.class_names
        return str(label) if names is None else names[label]


def chance_floor(labels: Tensor) -> float:
    """What no teacher worth its name stays under: min(5c, (1 + c) / 2), c the largest class."""
    largest = labels.bincount().max().item() / len(labels)
    return min(5 * largest, (1 + largest) / 2)


def is_right(logits: Tensor, labels: Tensor) -> Tensor:
    """Which answers are; one that is not a number is not. bool [N]"""
    return (logits.argmax(dim=1) == labels) & logits.isfinite().all(dim=1)


def share(hits: Tensor) -> float:
    return hits.double().mean().item()


def is_surely_more(after: Tensor, before: Tensor) -> bool:
    """Of the same samples, bool [N]: more than luck would turn from wrong to right (McNemar)."""
    gained = int((after & ~before).sum())
    lost = int((before & ~after).sum())
    return gained - lost > SURE * math.sqrt(gained + lost)


def halves_the_error(after: Tensor, before: Tensor) -> bool:
    return share(~after) <= share(~before) / 2


def _subset(samples: Samples, places: NDArray[np.int64]) -> Samples:
    return replace(
        samples,
        images=samples.images[places],
        labels=None if samples.labels is None else samples.labels[places],
        names=tuple(samples.names[place] for place in places),
        index=samples.index[places],
    )
