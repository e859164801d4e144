"""The teacher of a run: loaded or trained, then examined before anybody learns from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from kd_core import teacher_files
from kd_core.errors import DataInvalid, ModelInvalid, TeacherUnfit
from kd_core.events import TeacherMeasured, Warned
from kd_core.losses.catalog import TERMS
from kd_core.metrics import quality
from kd_core.model_card import WEIGHTS
from kd_core.models.build import Plan
from kd_core.models.teacher import Lesson, Teacher
from kd_core.models.weights import Weights, load_strictly
from kd_core.objective import Objective
from kd_core.packaging import timm_folder
from kd_core.training.batches import Batches
from kd_core.training.evaluation import teacher_answers
from kd_core.training.steps import Learner

if TYPE_CHECKING:
    from torch import Tensor, nn

    from kd_core.attempt import Attempt
    from kd_core.data.dataset import DataSet
    from kd_core.spec import Teacher as TeacherSection
    from kd_core.teacher_files import Brought


def read(attempt: Attempt) -> Brought | None:
    section = attempt.spec.teacher
    return None if section is None else teacher_files.read(attempt, "/teacher", section)


def count_classes(dataset: DataSet, brought: Brought | None) -> int:
    """From the names when there are names; on unlabelled data, from the teacher's last layer."""
    if dataset.class_names is not None:
        return len(dataset.class_names)
    found = None if brought is None else brought.classes
    if found is None:
        raise DataInvalid(
            "the number of classes cannot be told from unlabelled data and this teacher",
            hint="list them in data.class_names",
            pointer="/data/class_names",
            code="classes_unknown",
        )
    return found


def load(attempt: Attempt, brought: Brought, dataset: DataSet, classes: int) -> Teacher:
    """The teacher that the specification brings, under its own keys or not at all."""
    columns = brought.columns(dataset.class_names)
    said = brought.said(dataset.class_names)
    if said is not None:
        attempt.emit(said)
    own = classes if columns is None else brought.classes or classes
    plan = brought.plan(own, attempt.spec.data.image_size)
    network = _filled(plan, brought.weights, brought.pointer, brought.file)
    return Teacher(network.to(attempt.device), plan, brought.weights.sha256, columns)


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
        torch.manual_seed(recipe.seed)
        fresh = plan.build("/teacher/architecture")
        objective = Objective([TERMS["ce"].model_validate({"kind": "ce"})])
        trained = attempt.train(Learner(fresh, plan, objective, recipe), dataset)
        timm_folder.save(trained.network, plan, dataset.class_names or (), folder)
    weights = attempt.read_weights(str((folder / WEIGHTS).resolve()), "/teacher")
    filled = _filled(plan, weights, "/teacher", str(folder))
    return Teacher(filled.to(attempt.device), plan, weights.sha256)


def examine(attempt: Attempt, teacher: Teacher, dataset: DataSet) -> Lesson:
    """Measure the teacher on the validation split; one near chance ends the run in seconds."""
    attempt.enter("teacher_eval")
    split = Batches(dataset.validation, attempt.spec.recipe.batch_size, attempt.device)
    logits = teacher_answers(teacher, split)
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
