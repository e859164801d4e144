"""Why a teacher does not reach its floor: each cause is measured, the cheapest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kd_core.report import Finding
from kd_core.teacher_check.classifier import untrained
from kd_core.teacher_check.normalisation import misscaled
from kd_core.teacher_check.permutation import permuted

if TYPE_CHECKING:
    from kd_core.models.teacher import Teacher
    from kd_core.teacher_check.case import Case


TRAINED_TOO_LITTLE = Finding(
    code="teacher_below_floor",
    message="its recipe did not take it further",
    hint="teacher.recipe: more epochs or another learning rate; or a better architecture",
    pointer="/teacher/recipe",
)
"""Of a teacher that this run trained: it has the data's classes, and saw the images as now."""


def diagnosed(case: Case) -> Finding:
    """The cause that was measured; a teacher that has none of them is simply not good enough.

    Whether the classifier was trained comes last: under a wrong normalisation a trained one may
    look as if it was not.
    """
    ruled_out = []
    for look in (permuted, misscaled, untrained):
        seen = look(case)
        if isinstance(seen, Finding):
            return seen
        ruled_out.append(seen)
    return Finding(
        code="teacher_below_floor",
        message=f"no usual cause was found: {', '.join(ruled_out)}",
        hint=f"train it longer, take a better one, or set {case.teacher.name}.min_top1 to what is "
        "enough",
        pointer=f"{case.teacher.pointer}/min_top1",
    )


def not_numbers(teacher: Teacher) -> Finding:
    return Finding(
        code="teacher_not_finite",
        message=f"the answers of {teacher.called} on the validation split are not numbers",
        hint=f"check {teacher.name}.mean and {teacher.name}.std, and the checkpoint",
        pointer=teacher.pointer,
    )


def without_numbers(case: Case) -> Finding:
    """Of a teacher whose answers are not numbers: the scale of its images is what can be tried."""
    seen, plain = misscaled(case), not_numbers(case.teacher)
    if isinstance(seen, Finding):
        return seen.model_copy(update={"message": f"{plain.message}: {seen.message}"})
    return plain
