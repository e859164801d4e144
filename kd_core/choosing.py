"""What `auto` means on this machine: tried once, written down, and kept by every resume."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from kd_core.errors import TeacherUnfit
from kd_core.events import Chosen
from kd_core.losses.catalog import LOSSES
from kd_core.models.precision import Precision, fidelity, multiplies_bf16
from kd_core.spec.document import RANKING
from kd_core.training.batches import Batches
from kd_core.training.reproducible import random_state, restore_random_state
from kd_core.training.steps import Learner

if TYPE_CHECKING:
    from kd_core.attempt import Attempt
    from kd_core.data.dataset import DataSet
    from kd_core.models.teacher import Teacher
    from kd_core.training.batches import Batch

IMAGES = 512  # that a teacher is held against itself on
WARM_STEPS, STEPS = 2, 4
WORTH_IT = 1.15  # times faster: less is within the noise, and float32 is the reference


def teacher_precision(attempt: Attempt, teacher: Teacher, dataset: DataSet) -> None:
    """Let the teacher answer in the numbers that the recipe asks for, if they hold."""
    wanted = attempt.spec.recipe.teacher_precision
    name = "teacher_precision" if teacher.name == "teacher" else f"{teacher.name}.precision"
    known = attempt.chosen.get(name)
    if wanted == "fp32" or known is not None:
        teacher.use("bf16" if known == "bf16" else "fp32")
        return
    if wanted == "auto" and not multiplies_bf16(attempt.device):
        _choose(attempt, name, "fp32", "this device does not multiply bfloat16")
        return
    split = Batches(dataset.validation, attempt.spec.recipe.evaluation_batch, attempt.device)
    images = split.images[:IMAGES]
    exact = teacher.logits(images)
    teacher.use("bf16")
    found = fidelity(teacher.logits(images), exact)
    ranks = any(LOSSES[term.kind].family in RANKING for term in attempt.spec.loss)
    if found.is_good(ranks=ranks):
        _choose(attempt, name, "bf16", f"against float32: {found}")
        return
    if wanted == "bf16":
        raise TeacherUnfit(
            f"in bfloat16 {teacher.name} does not answer as in float32: {found}",
            hint="recipe.teacher_precision: fp32, or auto",
            pointer="/recipe/teacher_precision",
            code="precision_unfit",
        )
    teacher.use("fp32")
    _choose(attempt, name, "fp32", f"bfloat16 is too coarse: {found}")


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
        return _choose(attempt, "amp", "fp32", "this device does not multiply bfloat16")
    learner.to(attempt.device)  # tried where it will train
    seconds = {name: _seconds(attempt, learner, batch, name) for name in PRECISIONS}
    gain = seconds["fp32"] / seconds["bf16"]
    said = f"a step in bfloat16 is {gain:.2f} times as fast"
    return _choose(attempt, "amp", "bf16" if gain >= WORTH_IT else "fp32", said)


PRECISIONS: tuple[Precision, ...] = ("fp32", "bf16")


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


def _choose(attempt: Attempt, name: str, value: Precision, why: str) -> Precision:
    attempt.folder.choose({name: value})
    attempt.emit(Chosen(name=name, value=value, why=why))
    return value
