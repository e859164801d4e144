"""A loss found together with its gradient, in one pass, behind the formula that people read.

A formula written with torch's operations keeps every intermediate result for the backward pass and
walks over memory many times. Its gradient in closed form needs a fraction of both.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

Saved = tuple[Tensor, ...]


@dataclass(frozen=True)
class ClosedForm:
    """Values and gradients of the terms of one loss, as functions of the student's logits."""

    formula: Callable[[Tensor], Tensor]
    """Logits [B, C] -> terms [n], or [] of a single one, in torch's own operations: the truth, and
    the way to the second derivative, which no training asks for."""
    values: Callable[[Tensor], tuple[Tensor, Saved]]
    """Logits -> the same terms, and what `gradient` is made of."""
    gradient: Callable[[Saved, Tensor], Tensor]
    """What was saved, a weight for each term -> the gradient [B, C] of the weighted sum. It must
    leave what was saved as it was: it is asked again where terms are looked at one by one."""

    def __call__(self, student: Tensor) -> Tensor:
        terms: Tensor = _Evaluated.apply(student, self)
        return terms


def saved_gradient(saved: Saved, weights: Tensor) -> Tensor:
    """`ClosedForm.gradient` of a loss of one term whose gradient is all that was saved."""
    return saved[0] * weights


class _Evaluated(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, student: Tensor, form: ClosedForm) -> Tensor:
        terms, saved = form.values(student)
        ctx.form = form
        ctx.save_for_backward(student, *saved)
        return terms

    @staticmethod
    def backward(ctx: Any, *weights: Tensor) -> tuple[Tensor, None]:
        student, *saved = ctx.saved_tensors
        device = student.device.type
        autocast = torch.is_autocast_enabled(device)
        with torch.autocast(device, enabled=False) if autocast else nullcontext():
            if not torch.is_grad_enabled():
                return ctx.form.gradient(tuple(saved), weights[0]), None
            terms = ctx.form.formula(student)
            (gradient,) = torch.autograd.grad(terms, student, weights[0], create_graph=True)
            return gradient, None
