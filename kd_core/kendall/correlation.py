"""The smooth rank correlation of a batch, by whichever algorithm suits its numbers."""

from __future__ import annotations

import torch
from torch import Tensor

from kd_core.kendall.choice import Algorithm, cheapest
from kd_core.kendall.measure import Form, Measured, RankCorrelation, measured
from kd_core.kendall.mesh import is_trusted, mesh
from kd_core.kendall.pairwise import pairwise
from kd_core.kendall.windows import windows
from kd_core.kernels import choice as kernels


def rank_correlation(student: Tensor, teacher: Tensor, k: float, form: Form) -> RankCorrelation:
    """Tau of every sample, and its slope in the student's logits. [B, C], [B, C] -> [B], [B, C]

    Exact in float64. In float32 the value is within 1e-5 and the slope within 1e-4 of its norm.
    """
    if kernels.usable(student, "rkkd"):
        return _by_kernel(student, teacher, k, form)
    batch = measured(student, teacher, k, form)
    if not batch.is_finite:
        return _undefined(batch)
    match cheapest(batch):
        case Algorithm.PAIRWISE:
            return pairwise(batch)
        case Algorithm.WINDOWS:
            return windows(batch)
        case Algorithm.MESH:
            found = mesh(batch)
            return found if is_trusted(found, batch) else windows(batch)


def _by_kernel(student: Tensor, teacher: Tensor, k: float, form: Form) -> RankCorrelation:
    from kd_core.kernels.rkkd import rkkd_value_and_gradient

    loss, gradient = rkkd_value_and_gradient(student, teacher, k, form.value)
    return RankCorrelation(1 - loss.double(), gradient.neg_())


def _undefined(batch: Measured) -> RankCorrelation:
    """A logit that is not finite has no gap to itself: as in the formula, nothing is known."""
    nan = torch.full_like(batch.student, torch.nan)
    return RankCorrelation(nan[:, 0].double(), nan)
