"""The divergences of two softened distributions in closed form, a few rows at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from kd_core.closed_forms.blocks import blocks
from kd_core.closed_forms.closed_form import Saved

Divergence = Callable[[Tensor, Tensor, Tensor], Tensor]
"""log p, log q and room, all [b, C] -> the sum of the rows' divergences []. Its slopes by the
logits of p are left in the room; log p and log q are written over.
"""
Change = Callable[[Tensor], Tensor]


def values(
    student: Tensor,
    teacher: Tensor,
    *,
    temperature: float,
    divergence: Divergence,
    change: Change | None,
    scale: float,
) -> tuple[Tensor, Saved]:
    """The mean divergence by `scale`, and its slopes yet to be scaled. `change` is made to the
    logits of both models first.
    """
    slopes = student.new_empty(student.shape)
    total = student.new_zeros(1)
    for own, others, room in blocks(student, teacher, slopes):
        if change is None:
            total += _softened(own, others, room, temperature, divergence)
            continue
        with torch.enable_grad():
            given = own.detach().requires_grad_()
            changed = change(given)
        total += _softened(changed.detach(), change(others), room, temperature, divergence)
        room.copy_(torch.autograd.grad(changed, given, room)[0])
    return total * (scale / len(student)), (slopes,)


def gradient(saved: Saved, weights: Tensor, *, temperature: float, scale: float) -> Tensor:
    return saved[0] * (weights * (scale / temperature / len(saved[0])))


def _softened(
    student: Tensor, teacher: Tensor, room: Tensor, temperature: float, divergence: Divergence
) -> Tensor:
    log_p = torch.log_softmax(torch.div(student, temperature, out=room), dim=1)
    log_q = torch.log_softmax(torch.div(teacher, temperature, out=room), dim=1)
    return divergence(log_p, log_q, room)


def forward(log_p: Tensor, log_q: Tensor, room: Tensor) -> Tensor:
    """KL(q || p), of slope p - q."""
    q = torch.exp(log_q, out=room)
    value = log_q.sub_(log_p).mul_(q).sum()
    torch.sub(log_p.exp_(), q, out=room)
    return value


def reverse(log_p: Tensor, log_q: Tensor, room: Tensor) -> Tensor:
    """KL(p || q), of slope p (log p - log q - KL)."""
    gaps = torch.sub(log_p, log_q, out=log_q)
    return _spread(log_p.exp_(), gaps, room)


def symmetric(log_p: Tensor, log_q: Tensor, room: Tensor) -> Tensor:
    """The mean of the two."""
    forwards = forward(log_p.clone(), log_q.clone(), room)
    slopes = room.clone()
    backwards = reverse(log_p, log_q, room)
    room.add_(slopes).div_(2)
    return (forwards + backwards) / 2


def jensen_shannon(log_p: Tensor, log_q: Tensor, room: Tensor) -> Tensor:
    """KL(p || m) / 2 + KL(q || m) / 2, of slope p (log p - log m - KL(p || m)) / 2."""
    log_m = torch.logaddexp(log_p, log_q).sub_(math.log(2))
    q = torch.exp(log_q, out=room)
    of_teacher = log_q.sub_(log_m).mul_(q).sum()
    gaps = torch.sub(log_p, log_m, out=log_m)
    of_student = _spread(log_p.exp_(), gaps, room)
    room.div_(2)
    return (of_teacher + of_student) / 2


def _spread(p: Tensor, gaps: Tensor, room: Tensor) -> Tensor:
    """The sum of the rows' means of the gaps under p; p (gap - mean) is left in the room."""
    means = torch.mul(p, gaps, out=room).sum(dim=1, keepdim=True)
    torch.mul(p, gaps.sub_(means), out=room)
    return means.sum()


DIVERGENCES: Mapping[str, Divergence] = {
    "forward": forward,
    "reverse": reverse,
    "symmetric": symmetric,
    "js": jensen_shannon,
}
