"""The students of a run: one for each seed, and on request as many that learn from labels alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from kd_core import choosing
from kd_core.losses.catalog import TERMS
from kd_core.models.build import Plan
from kd_core.models.weights import Weights, load_strictly
from kd_core.objective import Objective
from kd_core.recording.recorder import Recorder
from kd_core.spec.sources import FILE
from kd_core.training.batches import Batches
from kd_core.training.steps import Learner
from kd_core.training.views import Views

if TYPE_CHECKING:
    from torch import nn

    from kd_core.attempt import Attempt
    from kd_core.data.dataset import DataSet
    from kd_core.models.teacher import Lesson
    from kd_core.training.trial import Trained


def fresh(attempt: Attempt, plan: Plan, init: Weights | None, seed: int) -> nn.Module:
    """An untrained student, or one with the weights that it starts from."""
    torch.manual_seed(seed)
    network = plan.build("/student/architecture")
    if init is not None:
        load_strictly(
            network,
            init,
            architecture=plan.architecture,
            pointer="/student/init",
            file=attempt.spec.student.init.removeprefix(FILE),
            classifier=plan.classifier,
        )
    return network


def distilled(
    attempt: Attempt, plan: Plan, init: Weights | None, dataset: DataSet, lesson: Lesson | None
) -> list[Trained]:
    lesson = _recorded(attempt, plan, dataset, lesson)
    attempt.enter("training")
    return [
        _trained(attempt, plan, init, dataset, Objective(attempt.spec.loss), lesson, number)
        for number in range(len(attempt.spec.recipe.seeds))
    ]


def _recorded(
    attempt: Attempt, plan: Plan, dataset: DataSet, lesson: Lesson | None
) -> Lesson | None:
    """The lesson with the teacher's answers recorded, if the recipe asks for that."""
    recipe = attempt.spec.recipe
    listens = Objective(attempt.spec.loss).needs_teacher
    if lesson is None or recipe.teacher_cache is None or not listens:
        return lesson
    attempt.enter("caching_teacher")
    split = Batches(dataset.train, recipe.batch_size, attempt.device)
    views = Views(split, recipe, plan.classes, attempt.view_seed(recipe))
    folder = attempt.folder.teacher_answers
    recorder = Recorder(lesson.teacher, views, dataset.digest, folder, attempt.surroundings)
    return replace(lesson, recorded=recorder.record().logits)


def baselines(
    attempt: Attempt, plan: Plan, init: Weights | None, dataset: DataSet
) -> list[Trained]:
    """The same networks, seeds and recipe, without a teacher."""
    attempt.enter("training_baseline")
    labels_alone = TERMS["ce"].model_validate({"kind": "ce"})
    return [
        _trained(attempt, plan, init, dataset, Objective([labels_alone]), None, number)
        for number in range(len(attempt.spec.recipe.seeds))
    ]


def _trained(
    attempt: Attempt,
    plan: Plan,
    init: Weights | None,
    dataset: DataSet,
    objective: Objective,
    lesson: Lesson | None,
    number: int,
) -> Trained:
    seeds = attempt.spec.recipe.seeds
    network = fresh(attempt, plan, init, seeds[number])
    # The state of chance at the first step must not depend on how network or teacher came to be.
    torch.manual_seed(seeds[number])
    recipe = attempt.spec.recipe.with_seed(seeds[number])
    learner = Learner(network, plan, objective, recipe, lesson)
    if recipe.amp != "fp32":
        split = Batches(dataset.train, recipe.batch_size, attempt.device)
        views = Views(split, recipe, plan.classes, attempt.view_seed(recipe))
        first = split.at(torch.arange(min(recipe.batch_size, len(split.images))))
        choosing.amp(attempt, learner, views.of(first, 0))
    return attempt.train(learner, dataset, number=number, count=len(seeds))
