"""What seldom is meant: a teacher that is smaller than its student, or worse than no teacher."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from kd_core.events import Warned
from kd_core.models import measure

if TYPE_CHECKING:
    from torch import nn

    from kd_core.attempt import Attempt
    from kd_core.models.build import Plan
    from kd_core.models.teacher import Ensemble, Lesson, Teacher
    from kd_core.training.trial import Trained


def with_student(
    attempt: Attempt, teacher: Teacher | Ensemble, student: nn.Module, plan: Plan
) -> None:
    """Warn of a teacher with both fewer weights and less work than its student; several count
    together.
    """
    counts = [measure.parameters(member.network) for member in teacher.members]
    ours, theirs = sum(counts), measure.parameters(student)
    # A teacher whose weights are not torch's counts none of them.
    if 0 in counts or ours >= theirs:
        return
    size = attempt.spec.data.image_size
    work = sum(_macs(member.network, member.plan, size) for member in teacher.members)
    student_work = _macs(student, plan, size)
    if work >= student_work:
        return
    message = (
        f"the teacher is smaller than the student: {ours} parameters and {work} "
        f"multiply-accumulates for an image, against {theirs} and {student_work}"
    )
    hint = "are teacher and student swapped?"
    attempt.emit(Warned(code="teacher_smaller_than_student", message=message, hint=hint))


def with_baselines(attempt: Attempt, lesson: Lesson, baselines: Sequence[Trained]) -> None:
    """Warn of a teacher that knows less than students who learnt from the labels alone."""
    scores = [trained.last.top1 for trained in baselines if trained.last is not None]
    top1 = None if lesson.check is None else lesson.check.top1
    if not scores or top1 is None or top1 >= statistics.fmean(scores):
        return
    answering = "the teachers together answer" if lesson.parts else "the teacher answers"
    message = (
        f"{answering} {top1:.1%} of the validation samples correctly, the student without a "
        f"teacher {statistics.fmean(scores):.1%}"
    )
    hint = "take a better teacher, or none: there is little to learn from this one"
    attempt.emit(Warned(code="teacher_worse_than_baseline", message=message, hint=hint))


def _macs(network: nn.Module, plan: Plan, size: int) -> int:
    device = next(network.parameters()).device
    return measure.macs(
        network, plan.inputs(torch.zeros(1, size, size, 3, dtype=torch.uint8, device=device))
    )
