"""The test split: decoded, and looked at, when there is nothing left to choose."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from kd_core.errors import DataInvalid
from kd_core.events import Warned
from kd_core.gain import gain
from kd_core.measuring import worth
from kd_core.report import OnTest, SeedScore, Spread, Worth
from kd_core.training.batches import Batches
from kd_core.training.evaluation import answers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor, nn

    from kd_core.attempt import Attempt
    from kd_core.data.dataset import DataSet, Samples
    from kd_core.models.build import Plan
    from kd_core.models.teacher import Lesson


@dataclass(frozen=True)
class Finished:
    """Everything that was chosen and trained, the first seed first."""

    plan: Plan
    students: Sequence[nn.Module]
    baselines: Sequence[nn.Module]
    lesson: Lesson | None


def on_test(attempt: Attempt, dataset: DataSet, finished: Finished) -> OnTest | None:
    """None when the data brings no test split, or one that cannot be read: by now there is a
    student, which is not given up for that.
    """
    try:
        test = dataset.test
    except DataInvalid as error:
        problem = error.problems[0]
        message = f"the test split was left out: {problem.message}"
        attempt.emit(Warned(code="test_left_out", message=message, hint=problem.hint))
        return None
    if test is None or not len(test):
        return None
    for warning in dataset.report.warnings():
        if warning not in dataset.warnings:
            attempt.emit(Warned(code="data", message=warning))
    return _looked_at(test, dataset.class_names, finished, attempt)


def _looked_at(
    test: Samples, names: tuple[str, ...] | None, finished: Finished, attempt: Attempt
) -> OnTest:
    split = Batches(test, attempt.spec.recipe.evaluation_batch, attempt.device)

    def of_each(networks: Sequence[nn.Module]) -> list[Tensor]:
        return [answers(network, finished.plan, split) for network in networks]

    students, baselines = of_each(finished.students), of_each(finished.baselines)
    teacher = None if finished.lesson is None else _of_teacher(finished.lesson, split)

    def worth_of(logits: Tensor, beside: Tensor | None = None) -> Worth:
        return Worth(**worth(logits, test.labels, names, beside))

    scores = [worth_of(logits).top1 for logits in students]
    return OnTest(
        samples=len(test),
        teacher=None if teacher is None else worth_of(teacher),
        student=worth_of(students[0], teacher),
        baseline=worth_of(baselines[0]) if baselines else None,
        seeds=_seeds(attempt.spec.recipe.seeds, scores),
        top1_over_seeds=_spread(scores),
        kd_gain=gain(students, baselines, torch.from_numpy(test.labels))
        if baselines and test.labels is not None
        else None,
    )


def _of_teacher(lesson: Lesson, split: Batches) -> Tensor:
    """What it said to the student, in the numbers in which it did."""
    logits = [lesson.teacher.logits(batch.images).cpu() for batch in split.in_order()]
    return torch.cat(logits)


def _seeds(seeds: Sequence[int], scores: Sequence[float | None]) -> tuple[SeedScore, ...]:
    both = zip(seeds, scores, strict=True)
    return tuple(SeedScore(seed=seed, top1=top1) for seed, top1 in both if top1 is not None)


def _spread(scores: Sequence[float | None]) -> Spread | None:
    known = [top1 for top1 in scores if top1 is not None]
    if len(known) < 2:  # noqa: PLR2004 - one number does not spread
        return None
    return Spread(mean=statistics.fmean(known), sd=statistics.stdev(known))
