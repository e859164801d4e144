"""The teacher is measured on held-out samples; one that does not reach its floor ends the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from kd_core.errors import ModelInvalid, TeacherUnfit
from kd_core.events import TeacherMeasured, Warned
from kd_core.models.teacher import Lesson
from kd_core.report import Finding, TeacherCheck
from kd_core.teacher_check.case import Case, chance_floor, share
from kd_core.teacher_check.diagnosis import (
    NOT_NUMBERS,
    TRAINED_TOO_LITTLE,
    diagnosed,
    without_numbers,
)
from kd_core.training.batches import Batches
from kd_core.training.evaluation import answers

if TYPE_CHECKING:
    from torch import Tensor

    from kd_core.attempt import Attempt
    from kd_core.data.dataset import DataSet
    from kd_core.models.teacher import Teacher
    from kd_core.spec import Teacher as TeacherSection


def examine(attempt: Attempt, teacher: Teacher, dataset: DataSet) -> Lesson:
    """Measure the teacher on the validation split; one that is unfit ends the run in seconds."""
    attempt.enter("teacher_eval")
    split = Batches(dataset.validation, attempt.spec.recipe.evaluation_batch, attempt.device)
    logits = answers(teacher.network, teacher.plan, split)
    labels = dataset.validation.labels
    if labels is None:
        check = _unlabelled(attempt, logits)
    else:
        check = _graded(attempt, teacher, dataset, logits, torch.from_numpy(labels))
    return Lesson(teacher, logits, check=check)


def _unlabelled(attempt: Attempt, logits: Tensor) -> TeacherCheck:
    if not bool(logits.isfinite().all()):
        raise _unfit(NOT_NUMBERS)
    attempt.emit(TeacherMeasured(top1=None, floor=None, samples=len(logits)))
    return TeacherCheck(samples=len(logits))


def _graded(
    attempt: Attempt, teacher: Teacher, dataset: DataSet, logits: Tensor, labels: Tensor
) -> TeacherCheck:
    section = _section(attempt)
    floor = section.min_top1 if section.min_top1 is not None else chance_floor(labels)
    batch_size = attempt.spec.recipe.evaluation_batch
    case = Case(teacher, dataset, logits, labels, floor, batch_size, attempt.device)
    check = TeacherCheck(top1=share(case.right), floor=floor, samples=len(labels))
    attempt.emit(TeacherMeasured(top1=check.top1, floor=floor, samples=len(labels)))
    if not bool(logits.isfinite().all()):
        raise _unfit(without_numbers(case))
    if share(case.right) >= floor:
        return check
    finding = _finding(section, case)
    if not section.force:
        raise _unfit(finding, "; teacher.force: true goes on all the same")
    attempt.emit(Warned(code=finding.code, message=finding.message, hint=finding.hint))
    return check.model_copy(update={"finding": finding})


def _finding(section: TeacherSection, case: Case) -> Finding:
    """What is wrong, after what was measured."""
    found = diagnosed(case) if section.recipe is None else TRAINED_TOO_LITTLE
    measured = (
        f"the teacher answers {share(case.right):.1%} of {len(case.labels)} validation samples "
        f"correctly and had to reach {case.floor:.1%}"
    )
    return found.model_copy(update={"message": f"{measured}: {found.message}"})


def _unfit(finding: Finding, or_else: str = "") -> TeacherUnfit:
    return TeacherUnfit(
        finding.message,
        hint=f"{finding.hint}{or_else}",
        pointer=finding.pointer,
        code=finding.code,
    )


def _section(attempt: Attempt) -> TeacherSection:
    if attempt.spec.teacher is None:
        raise ModelInvalid("this run has no teacher", pointer="/teacher")
    return attempt.spec.teacher
