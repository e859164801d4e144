"""The teacher of a run: loaded, or trained first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from kd_core.batch_size import BatchSize
from kd_core.errors import DataInvalid, ModelInvalid
from kd_core.models.build import Plan
from kd_core.models.teacher import Teacher
from kd_core.models.weights import Weights, classes_in, load_strictly
from kd_core.objective import labels_alone
from kd_core.packaging import timm_folder
from kd_core.spec.document import FILE
from kd_core.training.steps import Learner

if TYPE_CHECKING:
    from kd_core.attempt import Attempt
    from kd_core.data.dataset import DataSet
    from kd_core.spec import Recipe
    from kd_core.spec import Teacher as TeacherSection

CHECKPOINT = "/teacher/checkpoint"


def count_classes(attempt: Attempt, dataset: DataSet, weights: Weights | None) -> int:
    """From the names when there are names; on unlabelled data, from the teacher's last layer."""
    if dataset.class_names is not None:
        return len(dataset.class_names)
    section = attempt.spec.teacher
    if weights is not None and section is not None:
        found = classes_in(weights, Plan.of(section, 1, attempt.spec.data.image_size).classifier)
        if found is not None:
            return found
    raise DataInvalid(
        "the number of classes cannot be told from unlabelled data and this teacher",
        hint="list them in data.class_names",
        pointer="/data/class_names",
        code="classes_unknown",
    )


def read_weights(attempt: Attempt) -> Weights | None:
    section = attempt.spec.teacher
    if section is None or section.checkpoint is None:
        return None
    return attempt.read_weights(section.checkpoint, CHECKPOINT)


def load(attempt: Attempt, weights: Weights, classes: int) -> Teacher:
    """The teacher that the specification brings, under its own keys or not at all."""
    section = _section(attempt)
    plan = Plan.of(section, classes, attempt.spec.data.image_size)
    network = plan.build("/teacher/architecture")
    load_strictly(
        network,
        weights,
        architecture=plan.architecture,
        pointer=CHECKPOINT,
        file=(section.checkpoint or "").removeprefix(FILE),
        classifier=plan.classifier,
    )
    return Teacher(network.to(attempt.device), plan, weights.sha256)


def train(attempt: Attempt, dataset: DataSet, classes: int) -> Teacher:
    """A teacher of our own, by cross-entropy; made once, a resume finds it in the folder."""
    section = _section(attempt)
    plan = Plan.of(section, classes, attempt.spec.data.image_size)
    folder = attempt.folder.teacher
    if not timm_folder.is_whole(folder):
        recipe = section.recipe
        if recipe is None:
            raise ModelInvalid("this teacher has neither weights nor a recipe", pointer="/teacher")

        def make(recipe: Recipe) -> Learner:
            torch.manual_seed(recipe.seed)
            network = plan.build("/teacher/architecture")
            return Learner(network, plan, labels_alone(recipe.label_smoothing), recipe)

        sizes = BatchSize(attempt, recipe, "teacher.")
        sizes.choose(make, dataset)
        trained = sizes.train(make, dataset)
        timm_folder.save(trained.network, plan, dataset.class_names or (), folder)
    weights = attempt.read_weights(str((folder / timm_folder.WEIGHTS).resolve()), "/teacher")
    return load(attempt, weights, classes)


def _section(attempt: Attempt) -> TeacherSection:
    if attempt.spec.teacher is None:
        raise ModelInvalid("this run has no teacher", pointer="/teacher")
    return attempt.spec.teacher
