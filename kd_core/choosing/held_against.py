"""A teacher held against itself: the same images in float32 and in other numbers, and how fast."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from kd_core.losses.catalog import LOSSES
from kd_core.models.precision import Fidelity, fidelity
from kd_core.spec.document import RANKING
from kd_core.training.batches import Batches

if TYPE_CHECKING:
    from torch import Tensor

    from kd_core.attempt import Attempt
    from kd_core.data.dataset import DataSet
    from kd_core.models.teacher import Teacher

IMAGES = 512  # that a teacher is held against itself on
TIMED = 4


class HeldAgainst:
    """A teacher on validation images: what it answers in float32, and as it stands when asked."""

    def __init__(self, attempt: Attempt, teacher: Teacher, dataset: DataSet) -> None:
        self.attempt = attempt
        self.teacher = teacher
        self.dataset = dataset
        self.batch_size = attempt.spec.recipe.evaluation_batch
        self.images = Batches(dataset.validation, self.batch_size, attempt.device).images[:IMAGES]
        teacher.use("fp32")
        self.exact = self._answers()

    def fidelity(self) -> Fidelity:
        return fidelity(self._answers(), self.exact)

    def holds(self, found: Fidelity) -> bool:
        """Whether a student of these losses would not notice."""
        losses = (LOSSES[term.kind] for term in self.attempt.spec.loss)
        return found.is_good(ranks=any(loss.family in RANKING for loss in losses))

    def seconds_an_image(self) -> float:
        """In a batch as training has it, the quickest of a few."""
        clock, taken = self.attempt.surroundings.clock, []
        batch = self.images[: self.batch_size]
        for _ in range(1 + TIMED):
            began = clock.monotonic()
            self.teacher.logits(batch).cpu()  # waits for the device
            taken.append(clock.monotonic() - began)
        return min(taken[1:]) / len(batch)

    def _answers(self) -> Tensor:
        parts = torch.split(self.images, self.batch_size)
        return torch.cat([self.teacher.logits(part) for part in parts])
