"""The students of a run: one for each seed, and on request as many that learn from labels alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from kd_core.losses.catalog import TERMS
from kd_core.models.build import Plan
from kd_core.models.weights import Weights, load_strictly
from kd_core.objective import Objective
from kd_core.spec.document import FILE
from kd_core.training.steps import Learner

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
    attempt.enter("training")
    return [
        _trained(attempt, plan, init, dataset, Objective(attempt.spec.loss), lesson, number)
        for number in range(len(attempt.spec.recipe.seeds))
    ]


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
    return attempt.train(learner, dataset, number=number, count=len(seeds))
