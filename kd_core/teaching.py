"""What the student learns from: teachers loaded or trained, each examined before it teaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from kd_core import teacher_files
from kd_core.batch_size import BatchSize
from kd_core.errors import DataInvalid, ModelInvalid
from kd_core.events import TeacherMeasured, Warned
from kd_core.metrics import quality
from kd_core.model_card import WEIGHTS
from kd_core.models.build import Plan
from kd_core.models.teacher import Ensemble, Lesson, Teacher
from kd_core.objective import labels_alone
from kd_core.packaging import timm_folder
from kd_core.report import TeacherCheck
from kd_core.teacher_check.examination import examine
from kd_core.training.steps import Learner

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    attempt: Attempt,
    brought: Sequence[Brought],
    class_names: tuple[str, ...] | None,
    classes: int,
) -> list[Teacher]:
    """The teachers that the specification brings, under their own keys or not at all; the names
    are those of the data.
    """
    # Teachers of data without names must at least agree with each other.
    known = (one.class_names for one in brought if one.class_names is not None)
    names = class_names or next(known, None)
    return [
        _loaded(attempt, one, names if one.section.class_map is None else class_names, classes)
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
    network = brought.made(plan)
    return Teacher(network.to(attempt.device), plan, brought.sha256, columns, brought.pointer)


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
        taught = sizes.train(make, dataset)
        timm_folder.save(taught.network, plan, dataset.class_names or (), folder)
    weights = attempt.read_weights(str((folder / WEIGHTS).resolve()), "/teacher")
    trained = teacher_files.filled(plan, weights, "/teacher", str(folder))
    return Teacher(trained.to(attempt.device), plan, weights.sha256)


def lesson(attempt: Attempt, teachers: Sequence[Teacher], dataset: DataSet) -> Lesson:
    """What the student will learn from: each teacher examined by itself, then all together."""
    attempt.enter("teacher_eval")
    parts = tuple(examine(attempt, teacher, dataset) for teacher in teachers)
    if len(parts) == 1:
        return parts[0]
    ensemble = Ensemble(teachers, [one.weight for one in attempt.spec.teachers or ()])
    together = ensemble.together([part.answers for part in parts])
    labels = dataset.validation.labels
    top1 = None if labels is None else quality(together, torch.from_numpy(labels)).top1
    check = TeacherCheck(top1=top1, samples=len(together))
    attempt.emit(TeacherMeasured(name="teachers", top1=top1, floor=None, samples=check.samples))
    return Lesson(ensemble, together, parts, check=check)


def _section(attempt: Attempt) -> TeacherSection:
    if attempt.spec.teacher is None:
        raise ModelInvalid("this run has no teacher", pointer="/teacher")
    return attempt.spec.teacher
