"""Whether a teacher has the data's classes in another order than the data.

Each class is matched with the answer that it mostly gets, one to one. The order is found on one
half of the samples and tried on the other, so that the best of many orders is not praised for luck.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch

from kd_core.problems import shown
from kd_core.report import Finding
from kd_core.teacher_check.case import halves_the_error, is_surely_more, share
from kd_core.teacher_check.classifier import alignment

if TYPE_CHECKING:
    from torch import Tensor

    from kd_core.teacher_check.case import Case

SHOWN_PAIRS = 3
UNMATCHED = -1


def permuted(case: Case) -> Finding | str:
    """What is wrong; or, in words, what was measured where that is not it."""
    answered = case.logits.argmax(dim=1)
    right = in_best_order(answered, case.labels, case.logits.shape[1])
    reached = share(right)
    if not (is_surely_more(right, case.right) and halves_the_error(right, case.right)):
        return f"in the best order of its classes it would reach {reached:.1%}"
    # Whatever follows features at all, follows classes in some order.
    if (aligned := alignment(case, case.teacher.plan)) is not None and aligned.is_chance:
        return "no order of its classes means anything"
    pairs = list(_pairs(case, matched(answered, case.labels, case.logits.shape[1])))
    named = ", ".join(pairs[:SHOWN_PAIRS])
    more = f" and {len(pairs) - SHOWN_PAIRS} more" if len(pairs) > SHOWN_PAIRS else ""
    return Finding(
        code="teacher_classes_permuted",
        message=f"its classes are in another order than the data's: {named}{more}; in the best "
        f"order it would reach {reached:.1%}",
        hint=f"name its classes in the order of its answers, in {case.teacher.name}.class_names: "
        "they are matched with the data's by name",
        pointer=f"{case.teacher.pointer}/checkpoint",
    )


def in_best_order(answered: Tensor, labels: Tensor, classes: int) -> Tensor:
    """Which samples are right in an order that the other half of the samples tells. bool [N]"""
    by_class = labels.argsort(stable=True)
    right = torch.zeros(len(labels), dtype=torch.bool)
    for half in (0, 1):
        told, tried = by_class[half::2], by_class[1 - half :: 2]
        order = matched(answered[told], labels[told], classes)
        right[tried] = order[labels[tried]] == answered[tried]
    return right


def matched(answered: Tensor, labels: Tensor, classes: int) -> Tensor:
    """The answer that stands for each class: the commonest pairs first, each side once. [C]"""
    cells, counts = np.unique((labels * classes + answered).numpy(), return_counts=True)
    order, taken = [UNMATCHED] * classes, set[int]()
    for cell in cells[np.argsort(-counts, stable=True)].tolist():
        label, answer = divmod(cell, classes)
        if order[label] == UNMATCHED and answer not in taken:
            order[label] = answer
            taken.add(answer)
    return torch.tensor(order)


def _pairs(case: Case, order: Tensor) -> Iterator[str]:
    """The classes that stand elsewhere, in words; those that simply changed places come first."""
    place: dict[int, int] = dict(enumerate(order.tolist()))
    moved = [k for k, answer in place.items() if answer not in (k, UNMATCHED)]
    swapped = [k for k in moved if place[place[k]] == k]
    for label in swapped:
        if label < place[label]:
            one, other = case.class_name(label), case.class_name(place[label])
            yield f"{shown(one)} and {shown(other)} are swapped"
    for label in moved:
        if label not in swapped:
            one, other = case.class_name(label), case.class_name(place[label])
            yield f"{shown(one)} is answered as {shown(other)}"
