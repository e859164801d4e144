"""The teacher of a run: loaded, or trained first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from kd_core import teacher_files
from kd_core.batch_size import BatchSize
from kd_core.errors import DataInvalid, ModelInvalid
from kd_core.events import Warned
from kd_core.model_card import WEIGHTS
from kd_core.models.build import Plan
from kd_core.models.teacher import Teacher
from kd_core.models.weights import Weights, load_strictly
from kd_core.objective import labels_alone
from kd_core.packaging import timm_folder
from kd_core.training.steps import Learner

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import nn

    from kd_core.attempt import Attempt
    from kd_core.data.dataset import DataSet
    from kd_core.spec import Recipe
    from kd_core.spec import Teacher as TeacherSection
    from kd_core.teacher_files import Brought


def read(attempt: Attempt) -> list[Brought]:
    """The teachers that are trained already."""
    found = (
        teacher_files.read(attempt, pointer, section)
        for pointer, section in attempt.spec.all_teachers.items()
    )
    return [brought for brought in found if brought is not None]


def count_classes(dataset: DataSet, brought: Sequence[Brought]) -> int:
    """From the names when there are names; on unlabelled data, from the teacher's last layer."""
    if dataset.class_names is not None:
        return len(dataset.class_names)
    counts = [one.classes for one in brought]
    if not counts or counts[0] is None:
        raise DataInvalid(
            "the number of classes cannot be told from unlabelled data and this teacher",
            hint="list them in data.class_names",
            pointer="/data/class_names",
            code="classes_unknown",
        )
    return counts[0]


def load(
    attempt: Attempt, brought: Sequence[Brought], dataset: DataSet, classes: int
) -> list[Teacher]:
    """The teachers that the specification brings, under their own keys or not at all."""
    # Teachers of data without names must at least agree with each other.
    known = (one.class_names for one in brought if one.class_names is not None)
    names = dataset.class_names or next(known, None)
    return [
        _loaded(
            attempt, one, names if one.section.class_map is None else dataset.class_names, classes
        )
        for one in brought
    ]


def _loaded(
    attempt: Attempt, brought: Brought, names: tuple[str, ...] | None, classes: int
) -> Teacher:
    matched, columns = brought.matched(names), None
    if matched is not None:
        columns, classes = matched.columns, len(matched.teacher)
        if (said := matched.remark) is not None:
            attempt.emit(Warned(code=said.code, message=said.message, hint=said.hint))
    plan = brought.plan(classes, attempt.spec.data.image_size)
    network = _filled(plan, brought.weights, brought.pointer, brought.file)
    sha256 = brought.weights.sha256
    return Teacher(network.to(attempt.device), plan, sha256, columns, brought.pointer)


def _filled(plan: Plan, weights: Weights, pointer: str, file: str) -> nn.Module:
    network = plan.build(f"{pointer}/architecture")
    load_strictly(
        network,
        weights,
        architecture=plan.architecture,
        pointer=f"{pointer}/checkpoint",
        file=file,
        classifier=plan.classifier,
    )
    return network


def train(attempt: Attempt, dataset: DataSet, classes: int) -> Teacher:
    """A teacher of our own, by cross-entropy; made once, a resume finds it in the folder."""
    section = _section(attempt)
    network = teacher_files.named(section, "/teacher")
    plan = Plan.of(network, classes, attempt.spec.data.image_size)
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
    weights = attempt.read_weights(str((folder / WEIGHTS).resolve()), "/teacher")
    filled = _filled(plan, weights, "/teacher", str(folder))
    return Teacher(filled.to(attempt.device), plan, weights.sha256)


def _section(attempt: Attempt) -> TeacherSection:
    if attempt.spec.teacher is None:
        raise ModelInvalid("this run has no teacher", pointer="/teacher")
    return attempt.spec.teacher
