"""How large a batch should be here: steps with more and more samples, timed and weighed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from kd_core import memory
from kd_core.shortage import in_words, is_out_of_memory
from kd_core.training.batches import Batches
from kd_core.training.views import Views

if TYPE_CHECKING:
    from kd_core.attempt import Attempt
    from kd_core.data.dataset import DataSet
    from kd_core.training.steps import Learner

SIZES = (8, 16, 32, 64, 128, 256, 512)
ENOUGH = 64  # samples: up to here a larger batch needs no other reason than that it fits
FASTER = 1.1
LEAST_STEPS = 20  # in an epoch: with a large batch, a small set would hardly take a step
PART_OF_WHAT_IS_LEFT = 0.5
STEPS = 3


@dataclass(frozen=True)
class Cost:
    """Of one step with so many samples."""

    size: int
    seconds: float
    bytes: int

    @property
    def speed(self) -> float:
        return self.size / self.seconds


@dataclass(frozen=True)
class Climb:
    """From the smallest size up, with a learner that is thrown away afterwards."""

    attempt: Attempt
    learner: Learner
    dataset: DataSet

    def best(self, accumulate: int) -> tuple[int, str]:
        """The size to take, when a step is made of so many batches, and why no larger one."""
        device = self.attempt.device
        self.learner.to(device)
        most = len(self.dataset.train.images) // (LEAST_STEPS * accumulate)
        room, before = memory.left_bytes(device), memory.used_bytes(device)
        best = self._cost(SIZES[0], before)
        for size in SIZES[1:]:
            refused = _refused(size, best, most, room)
            if refused is not None:
                return best.size, refused
            try:
                cost = self._cost(size, before)
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                return best.size, f"{size} do not fit into memory"
            if size > ENOUGH and cost.speed < FASTER * best.speed:
                speeds = f"{cost.speed:.0f} images/s, after {best.speed:.0f}"
                return best.size, f"{size} are hardly faster: {speeds}"
            best = cost
        return best.size, "no larger one is tried"

    def _cost(self, size: int, used_before: int) -> Cost:
        """Of the quickest of a few steps. `used_before`: bytes, before the first of all steps."""
        device, recipe, clock = (
            self.attempt.device,
            self.learner.recipe,
            self.attempt.surroundings.clock,
        )
        split = Batches(self.dataset.train, size, device)
        views = Views(split, recipe, self.learner.plan.classes, recipe.seed)
        memory.forget_peak(device)
        taken = []
        for _ in range(STEPS):
            began = clock.monotonic()
            batch = views.of(split.at(torch.arange(min(size, len(split.images)))), 0)
            self.learner.step(batch, recipe.optimizer.lr, 1)  # its numbers wait for the device
            taken.append(clock.monotonic() - began)
        return Cost(size, max(min(taken), 1e-9), max(0, memory.peak_bytes(device) - used_before))


def _refused(size: int, best: Cost, most: int, room: int) -> str | None:
    """Why a size is not even tried."""
    if size > most:
        return f"with {size} an epoch would have fewer than {LEAST_STEPS} steps"
    needed = best.bytes * size // best.size
    if needed > PART_OF_WHAT_IS_LEFT * room:
        return f"{size} would take about {in_words(needed)} of {in_words(room)}"
    return None
