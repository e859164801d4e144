"""The teacher of a run: loaded or trained, then examined before anybody learns from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from kd_core.batch_size import BatchSize
from kd_core.errors import DataInvalid, ModelInvalid, TeacherUnfit
from kd_core.events import TeacherMeasured, Warned
from kd_core.metrics import quality
from kd_core.models.build import Plan
from kd_core.models.teacher import Lesson, Teacher
from kd_core.models.weights import Weights, classes_in, load_strictly
from kd_core.objective import labels_alone
from kd_core.packaging import timm_folder
from kd_core.spec.document import FILE
from kd_core.training.batches import Batches
from kd_core.training.evaluation import answers
from kd_core.training.steps import Learner

if TYPE_CHECKING:
    from torch import Tensor

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


def examine(attempt: Attempt, teacher: Teacher, dataset: DataSet) -> Lesson:
    """Measure the teacher on the validation split; one near chance ends the run in seconds."""
    attempt.enter("teacher_eval")
    split = Batches(dataset.validation, attempt.spec.recipe.evaluation_batch, attempt.device)
    logits = answers(teacher.network, teacher.plan, split)
    if not bool(logits.isfinite().all()):
        raise TeacherUnfit(
            "the teacher's answers on the validation split are not numbers",
            hint="check teacher.mean and teacher.std, and the checkpoint",
            pointer="/teacher",
        )
    labels = dataset.validation.labels
    if labels is None:
        attempt.emit(TeacherMeasured(top1=None, floor=None, samples=len(logits)))
    else:
        _grade(attempt, logits, torch.from_numpy(labels))
    return Lesson(teacher, logits)


def _grade(attempt: Attempt, logits: Tensor, labels: Tensor) -> None:
    section = _section(attempt)
    top1 = quality(logits, labels).top1
    floor = section.min_top1 if section.min_top1 is not None else chance_floor(labels)
    attempt.emit(TeacherMeasured(top1=top1, floor=floor, samples=len(logits)))
    if top1 >= floor:
        return
    message = (
        f"the teacher answers {top1:.1%} of {len(logits)} validation samples correctly; "
        f"it had to reach {floor:.1%}"
    )
    causes = (
        "likely causes: a classifier that was never trained, classes in another order than the "
        "data's, another normalisation (teacher.mean, teacher.std)"
    )
    if not section.force:
        raise TeacherUnfit(
            message,
            hint=f"{causes}; teacher.force: true goes on all the same",
            pointer="/teacher/min_top1" if section.min_top1 is not None else "/teacher",
        )
    attempt.emit(Warned(code="teacher_unfit", message=message, hint=causes))


def chance_floor(labels: Tensor) -> float:
    """What no teacher worth its name stays under: min(5c, (1 + c) / 2), c the largest class."""
    largest = labels.bincount().max().item() / len(labels)
    return min(5 * largest, (1 + largest) / 2)


def _section(attempt: Attempt) -> TeacherSection:
    if attempt.spec.teacher is None:
        raise ModelInvalid("this run has no teacher", pointer="/teacher")
    return attempt.spec.teacher
