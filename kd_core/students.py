"""The students of a run: one for each seed, and on request as many that learn from labels alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from kd_core import choosing
from kd_core.batch_size import BatchSize, Make
from kd_core.choosing.decision import choose
from kd_core.models.build import Plan
from kd_core.models.weights import Weights, load_strictly
from kd_core.objective import Objective, labels_alone
from kd_core.recording.recorder import Recorder
from kd_core.recording.shared import SharedRecordings
from kd_core.spec.sources import FILE
from kd_core.training.batches import Batches
from kd_core.training.steps import Learner
from kd_core.training.views import Views

if TYPE_CHECKING:
    from torch import nn

    from kd_core.attempt import Attempt
    from kd_core.data.dataset import DataSet
    from kd_core.models.teacher import Lesson
    from kd_core.spec import Recipe
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


def choose_batch_size(
    attempt: Attempt, plan: Plan, init: Weights | None, dataset: DataSet, lesson: Lesson | None
) -> None:
    """Settle `batch_size: auto` for all students, with and without a teacher."""
    terms = attempt.spec.terms
    make = _maker(
        attempt, plan, init, dataset, lambda: Objective(terms), lesson, attempt.spec.recipe.seed
    )
    BatchSize(attempt, attempt.spec.recipe).choose(make, dataset)


def distilled(
    attempt: Attempt, plan: Plan, init: Weights | None, dataset: DataSet, lesson: Lesson | None
) -> list[Trained]:
    lesson = _recorded(attempt, plan, dataset, lesson)
    attempt.enter("training")
    terms = attempt.spec.terms
    return _trained(attempt, plan, init, dataset, lambda: Objective(terms), lesson)


def _recorded(
    attempt: Attempt, plan: Plan, dataset: DataSet, lesson: Lesson | None
) -> Lesson | None:
    """The lesson with the teacher's answers recorded, if the recipe asks for that."""
    recipe = attempt.spec.recipe
    listens = Objective(attempt.spec.terms).needs_teacher
    if lesson is None or recipe.teacher_cache is None or not listens:
        return lesson
    attempt.enter("caching_teacher")
    split = Batches(dataset.train, recipe.evaluation_batch, attempt.device)
    views = Views(split, recipe, plan.classes, attempt.view_seed(recipe))
    place = attempt.shared_recordings
    recorded = Recorder(
        lesson.teacher,
        views,
        dataset.digest,
        attempt.folder.teacher_answers,
        attempt.surroundings,
        None if place is None else SharedRecordings(place),
    ).record()
    if recorded.source != "kept":
        choose(attempt, "teacher_answers", recorded.source, recorded.why)
    return replace(lesson, recorded=recorded.recording.logits)


def baselines(
    attempt: Attempt, plan: Plan, init: Weights | None, dataset: DataSet
) -> list[Trained]:
    """The same networks, seeds and recipe, without a teacher."""
    attempt.enter("training_baseline")
    smoothing = attempt.spec.recipe.label_smoothing
    return _trained(attempt, plan, init, dataset, lambda: labels_alone(smoothing), None)


def _trained(
    attempt: Attempt,
    plan: Plan,
    init: Weights | None,
    dataset: DataSet,
    objective: Callable[[], Objective],
    lesson: Lesson | None,
) -> list[Trained]:
    """One student for each seed."""
    recipe = attempt.spec.recipe
    sizes, count = BatchSize(attempt, recipe), len(recipe.seeds)
    makers = [
        _maker(attempt, plan, init, dataset, objective, lesson, seed) for seed in recipe.seeds
    ]
    return [
        sizes.train(make, dataset, number=number, count=count) for number, make in enumerate(makers)
    ]


def _maker(
    attempt: Attempt,
    plan: Plan,
    init: Weights | None,
    dataset: DataSet,
    objective: Callable[[], Objective],
    lesson: Lesson | None,
    seed: int,
) -> Make:
    """How a student of that seed is made afresh, by whichever recipe is settled upon."""

    def make(recipe: Recipe) -> Learner:
        network = fresh(attempt, plan, init, seed)
        # The state of chance at the first step must not depend on how network or teacher came to
        # be.
        torch.manual_seed(seed)
        learner = Learner(network, plan, objective(), recipe.with_seed(seed), lesson)
        if recipe.amp != "fp32":
            split = Batches(dataset.train, recipe.samples_per_step, attempt.device)
            views = Views(split, learner.recipe, plan.classes, attempt.view_seed(learner.recipe))
            first = split.at(torch.arange(min(split.batch_size, len(split.images))))
            choosing.amp(attempt, learner, views.of(first, 0))
        return learner

    return make
