"""PLD in closed form: one scan over the ranks from the last, one from the first.

With s_k the logit at rank k and Z_k = sum_{l >= k} exp(s_l), the loss is the sum over k of
alpha_k [ log Z_k - s_k ], and its slope at rank k is exp(s_k) sum_{j <= k} alpha_j / Z_j - alpha_k.
Either sum has positive terms only, so nothing cancels.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

import torch
from torch import Tensor

from kd_core import ops
from kd_core.closed_forms.blocks import added, blocks
from kd_core.closed_forms.closed_form import Saved
from kd_core.kernels import choice

NARROW = 40.0  # exp(-40) / exp(40) and its reciprocal are ordinary numbers in float32


class RankWeights(Protocol):
    def __call__(self, teacher: Tensor, ranking: Tensor, *, room: Tensor) -> Tensor:
        """A new tensor of the alphas, each at most 1: [b, C], or [C] where all rows agree.
        `room` [b, C] is there to be written over on the way.
        """


def values(
    student: Tensor, teacher: Tensor, ranking: Tensor, weights: RankWeights
) -> tuple[Tensor, Saved]:
    """PLD's one term, and its gradient times B. `ranking` [B, C] is the class at every rank."""
    if choice.usable(student, "pld"):
        return _by_kernel(student, teacher, ranking, weights)
    gradient = student.new_empty(student.shape)
    of_blocks = []
    for own, others, classes, slope in blocks(student, teacher, ranking, gradient):
        ranked = own.gather(1, classes)
        alphas = partial(weights, others, classes, room=slope)
        narrow = _lies_within(ranked, NARROW)
        if not narrow:
            ranked -= ranked.amax(dim=1, keepdim=True)
            narrow = _lies_within(ranked, 2 * NARROW)
        of_rows = _by_sums if narrow else _by_logarithms
        value, by_rank = of_rows(ranked, alphas, slope)
        slope.scatter_(1, classes, by_rank)
        of_blocks.append(value)
    return added(of_blocks) / len(student), (gradient,)


def gradient(saved: Saved, weights: Tensor) -> Tensor:
    return saved[0] * (weights / len(saved[0]))


def _by_kernel(
    student: Tensor, teacher: Tensor, ranking: Tensor, weights: RankWeights
) -> tuple[Tensor, Saved]:
    from kd_core.kernels.pld import pld_value_and_gradient

    slope = torch.empty_like(student, memory_format=torch.contiguous_format)
    alphas = weights(teacher, ranking, room=slope)
    rows, by_rank = pld_value_and_gradient(student.gather(1, ranking), alphas)
    return rows.mean(), (slope.scatter_(1, ranking, by_rank),)


def _lies_within(ranked: Tensor, reach: float) -> bool:
    # Off the CPU, a look at the numbers would wait for the device at every step.
    return ranked.device.type == "cpu" and all(abs(float(end)) < reach for end in ranked.aminmax())


def _by_sums(ranked: Tensor, alphas: Callable[[], Tensor], room: Tensor) -> tuple[Tensor, Tensor]:
    """The sum of the rows' losses, and their slopes by rank, written over `ranked`. [b, C]"""
    remaining = ranked.flip(1).exp_().cumsum_(dim=1).flip(1)
    alpha = alphas()
    torch.div(alpha, remaining, out=room).cumsum_(dim=1)
    value = remaining.log_().sub_(ranked).mul_(alpha).sum()
    return value, ranked.exp_().mul_(room).sub_(alpha)


def _by_logarithms(
    ranked: Tensor, alphas: Callable[[], Tensor], room: Tensor
) -> tuple[Tensor, Tensor]:
    """The same for a row so wide that its exponentials would leave the range of floats."""
    remaining = ops.reverse_logcumsumexp(ranked)
    alpha = alphas()
    torch.sub(alpha.log(), remaining, out=room)
    value = remaining.sub_(ranked).mul_(alpha).sum()
    return value, room.logcumsumexp(dim=1).add_(ranked).exp_().sub_(alpha)
