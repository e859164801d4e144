"""The logits that every kernel is tried on, and how close to the definition it has to come."""

from __future__ import annotations

import torch
from torch import Tensor

from tests.support.loss_subject import extremes, random_batch

Pair = tuple[Tensor, Tensor]  # the student's and the teacher's logits, [B, C], float32


def situations() -> dict[str, Pair]:
    """Ordinary logits of every awkward size, and every awkward kind of logits."""
    sizes = {
        "several tiles": (2, 300),
        "not a power of two": (3, 37),
        "one sample": (1, 8),
        "two classes": (3, 2),
    }
    pairs = {name: _logits(samples, classes) for name, (samples, classes) in sizes.items()}
    student, teacher = _logits(3, 12)
    pairs |= {
        "a flat student": (student / 1000, teacher),
        "a flat teacher": (student, teacher / 1000),
        "wide": (20 * student, 20 * teacher),
        "far from zero": (student + 1000, teacher - 1000),
        "ties": (student.round() / 2, teacher.round() / 2),
        "equal": (teacher, teacher),
    }
    hard = extremes(random_batch(1, samples=2, classes=5))
    return pairs | {
        name: (each.student.float(), each.teacher.float()) for name, each in hard.items()
    }


def assert_close(found: Tensor, expected: Tensor, *, within: float = 1e-5) -> None:
    """Relative to the largest number of the row; a single number, relative to itself.

    What is 0 by cancelling may be off by the last digit of what was cancelled.
    """
    rows = expected.reshape(len(expected), -1)
    difference = (found.double() - expected).reshape(rows.shape).abs().amax(dim=1)
    size = rows.abs().amax(dim=1)

    assert found.dtype == torch.float32
    assert (difference <= within * size + 1e-7).all(), f"off by {difference}, of {size}"


def _logits(samples: int, classes: int) -> Pair:
    batch = random_batch(0, samples=samples, classes=classes).to(torch.float32)
    return batch.student, batch.teacher
