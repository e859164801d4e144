"""Logits that a sum over pairs of classes may trip over, and the sum as a loop over floats."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from kd_core.kendall.measure import RankCorrelation
from tests.support.slow_losses.rkkd import rkkd, rkkd_gradient

LEAST = 1e-20  # k, up to 10^7, and gaps have multiplied what float32 has no exponents for

Pair = tuple[Tensor, Tensor]


def by_the_loop(student: Tensor, teacher: Tensor, k: float, form: str) -> RankCorrelation:
    rows = list(zip(student.tolist(), teacher.tolist(), strict=True))
    tau = [1 - rkkd(s, t, 0, k=k, form=form) for s, t in rows]
    slope = [rkkd_gradient(s, t, 0, k=k, form=form) for s, t in rows]
    exact = {"dtype": torch.float64}
    return RankCorrelation(torch.tensor(tau, **exact), -torch.tensor(slope, **exact))


def relative_error(actual: Tensor, expected: Tensor) -> float:
    """Of all entries together. What float32 cannot hold is not asked of it."""
    return float((actual.double() - expected).norm() / expected.norm().clamp(min=LEAST))


def _normal(samples: int, classes: int, dtype: torch.dtype, seed: int = 0) -> Pair:
    source = torch.Generator().manual_seed(seed)
    teacher, noise = 3 * torch.randn(2, samples, classes, generator=source, dtype=torch.float64)
    return (0.7 * teacher + 0.71 * noise).to(dtype), teacher.to(dtype)


def _student(change: Callable[[Tensor], Tensor]) -> Callable[..., Pair]:
    def made(samples: int, classes: int, dtype: torch.dtype) -> Pair:
        student, teacher = _normal(samples, classes, dtype)
        return change(student), teacher

    return made


def _teacher(change: Callable[[Tensor], Tensor]) -> Callable[..., Pair]:
    def made(samples: int, classes: int, dtype: torch.dtype) -> Pair:
        student, teacher = _normal(samples, classes, dtype)
        return student, change(teacher)

    return made


def _both(change: Callable[[Tensor], Tensor]) -> Callable[..., Pair]:
    def made(samples: int, classes: int, dtype: torch.dtype) -> Pair:
        student, teacher = _normal(samples, classes, dtype)
        return change(student), change(teacher)

    return made


def _outlier(logits: Tensor) -> Tensor:
    changed = logits.clone()
    changed[:, 3] = 1e4
    return changed


def _one_row_flat(logits: Tensor) -> Tensor:
    changed = logits.clone()
    changed[0] *= 1e-4
    return changed


def _two_values(logits: Tensor) -> Tensor:
    return 0.09 * (logits > 0).to(logits)


def _alike(samples: int, classes: int, dtype: torch.dtype) -> Pair:
    _, teacher = _normal(samples, classes, dtype)
    return teacher.clone(), teacher


DISTRIBUTIONS: Mapping[str, Callable[..., Pair]] = {
    "ordinary": _normal,
    "student flat": _student(lambda x: x * 1e-4),
    "teacher flat": _teacher(lambda x: x * 1e-4),
    "both flat": _both(lambda x: x * 1e-4),
    "one row flat": _both(_one_row_flat),
    "student constant": _student(lambda x: torch.full_like(x, 2.5)),
    "teacher constant": _teacher(lambda x: torch.full_like(x, 2.5)),
    "student tied": _student(lambda x: x.round()),
    "teacher tied": _teacher(lambda x: x.round()),
    "both tied": _both(lambda x: x.round()),
    "quantised": _both(lambda x: (x * 4).round() / 4),
    "two values": _both(_two_values),
    "student outlier": _student(_outlier),
    "teacher outlier": _teacher(_outlier),
    "both outliers": _both(_outlier),
    "huge range": _both(lambda x: x * 1e3),
    "far from 0": _both(lambda x: x + 1000),
    "alike": _alike,
}
