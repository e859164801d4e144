"""The numbers that a student computes in while it trains."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from kd_core.choosing.decision import WORTH_IT, choose
from kd_core.models.precision import Precision, multiplies_bf16
from kd_core.training.reproducible import random_state, restore_random_state
from kd_core.training.steps import Learner

if TYPE_CHECKING:
    from kd_core.attempt import Attempt
    from kd_core.training.batches import Batch

WARM_STEPS, STEPS = 2, 4
PRECISIONS: tuple[Precision, ...] = ("fp32", "bf16")


def amp(attempt: Attempt, learner: Learner, batch: Batch) -> None:
    """Let the learner compute in the numbers that the recipe asks for, or in the faster ones."""
    wanted = learner.recipe.amp
    if wanted != "auto":
        learner.amp = wanted
        return
    known = attempt.chosen.get("amp")
    if known is None:
        known = _faster(attempt, learner, batch)
    learner.amp = "bf16" if known == "bf16" else "fp32"


def _faster(attempt: Attempt, learner: Learner, batch: Batch) -> Precision:
    if not multiplies_bf16(attempt.device):
        return choose(attempt, "amp", "fp32", "this device does not multiply bfloat16")
    learner.to(attempt.device)  # tried where it will train
    seconds = {name: _seconds(attempt, learner, batch, name) for name in PRECISIONS}
    gain = seconds["fp32"] / seconds["bf16"]
    said = f"a step in bfloat16 is {gain:.2f} times as fast"
    return choose(attempt, "amp", "bf16" if gain >= WORTH_IT else "fp32", said)


def _seconds(attempt: Attempt, learner: Learner, batch: Batch, precision: Precision) -> float:
    """Of a step, the quickest of a few, on a copy that is thrown away."""
    trial = Learner(
        copy.deepcopy(learner.network),
        learner.plan,
        copy.deepcopy(learner.objective),
        learner.recipe,
        learner.lesson,
    )
    trial.amp = precision
    clock, taken = attempt.surroundings.clock, []
    before = random_state()
    for _ in range(WARM_STEPS + STEPS):
        began = clock.monotonic()
        trial.step(batch, learner.recipe.optimizer.lr, 1)  # its numbers wait for the device
        taken.append(clock.monotonic() - began)
    restore_random_state(before)
    return min(taken[WARM_STEPS:])
