"""The teacher is measured on held-out samples; one that does not reach its floor ends the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from kd_core.errors import TeacherUnfit
from kd_core.events import TeacherMeasured, Warned
from kd_core.models.teacher import Lesson
from kd_core.report import Finding, TeacherCheck
from kd_core.teacher_check.case import Case, chance_floor, share
from kd_core.teacher_check.diagnosis import (
    TRAINED_TOO_LITTLE,
    diagnosed,
    not_numbers,
    without_numbers,
)
from kd_core.training.batches import Batches
from kd_core.training.evaluation import teacher_answers

if TYPE_CHECKING:
    from torch import Tensor

    from kd_core.attempt import Attempt
    from kd_core.data.dataset import DataSet
    from kd_core.models.teacher import Teacher
    from kd_core.spec.models import AnyTeacher


def examine(attempt: Attempt, teacher: Teacher, dataset: DataSet) -> Lesson:
    """Measure the teacher on the validation split; one that is unfit ends the run in seconds."""
    split = Batches(dataset.validation, attempt.spec.recipe.evaluation_batch, attempt.device)
    logits = teacher_answers(teacher, split)
    labels = dataset.validation.labels
    if labels is None:
        check = _unlabelled(attempt, teacher, logits)
    else:
        check = _graded(attempt, teacher, dataset, logits, torch.from_numpy(labels))
    return Lesson(teacher, logits, check=check)


def _unlabelled(attempt: Attempt, teacher: Teacher, logits: Tensor) -> TeacherCheck:
    if not bool(logits.isfinite().all()):
        raise _unfit(not_numbers(teacher))
    told = TeacherMeasured(name=teacher.name, top1=None, floor=None, samples=len(logits))
    attempt.emit(told)
    return TeacherCheck(samples=len(logits))


def _graded(
    attempt: Attempt, teacher: Teacher, dataset: DataSet, logits: Tensor, labels: Tensor
) -> TeacherCheck:
    section = attempt.spec.all_teachers[teacher.pointer]
    floor = section.min_top1 if section.min_top1 is not None else chance_floor(labels)
    batch_size = attempt.spec.recipe.evaluation_batch
    case = Case(teacher, dataset, logits, labels, floor, batch_size, attempt.device)
    check = TeacherCheck(top1=share(case.right), floor=floor, samples=len(labels))
    attempt.emit(
        TeacherMeasured(name=teacher.name, top1=check.top1, floor=floor, samples=len(labels))
    )
    if not bool(logits.isfinite().all()):
        raise _unfit(without_numbers(case))
    if share(case.right) >= floor:
        return check
    finding = _finding(section, case)
    if not section.force:
        raise _unfit(finding, f"; {teacher.name}.force: true goes on all the same")
    attempt.emit(Warned(code=finding.code, message=finding.message, hint=finding.hint))
    return check.model_copy(update={"finding": finding})


def _finding(section: AnyTeacher, case: Case) -> Finding:
    """What is wrong, after what was measured."""
    found = diagnosed(case) if section.checkpoint is not None else TRAINED_TOO_LITTLE
    measured = (
        f"{case.teacher.called} answers {share(case.right):.1%} of {len(case.labels)} validation "
        f"samples correctly and had to reach {case.floor:.1%}"
    )
    return found.model_copy(update={"message": f"{measured}: {found.message}"})


def _unfit(finding: Finding, or_else: str = "") -> TeacherUnfit:
    return TeacherUnfit(
        finding.message,
        hint=f"{finding.hint}{or_else}",
        pointer=finding.pointer,
        code=finding.code,
    )
