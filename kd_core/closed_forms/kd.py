"""The divergences of two softened distributions in closed form, a few rows at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from kd_core.closed_forms.blocks import added, blocks
from kd_core.closed_forms.closed_form import Saved

Divergence = Callable[[Tensor, Tensor, float, Tensor], Tensor]
"""Student and teacher [b, C], temperature, room [b, C] -> the sum of the rows' divergences []. Its
slopes by the student's divided logits are left in the room.
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
    of_blocks = []
    for own, others, room in blocks(student, teacher, slopes):
        if change is None:
            of_blocks.append(divergence(own, others, temperature, room))
            continue
        with torch.enable_grad():
            given = own.detach().requires_grad_()
            changed = change(given)
        of_blocks.append(divergence(changed.detach(), change(others), temperature, room))
        room.copy_(torch.autograd.grad(changed, given, room)[0])
    return added(of_blocks) * (scale / len(student)), (slopes,)


def gradient(saved: Saved, weights: Tensor, *, temperature: float, scale: float) -> Tensor:
    return saved[0] * (weights * (scale / temperature / len(saved[0])))


def forward(student: Tensor, teacher: Tensor, temperature: float, room: Tensor) -> Tensor:
    """KL(q || p), of slope p - q. The greatest probability of a row tells its normaliser, and costs
    less than a second exponential of every class.
    """
    z, w = _from_the_top(student, temperature, room), _from_the_top(teacher, temperature)
    q = torch.softmax(w, dim=1)
    value = w.sub_(z).mul_(q).sum()
    p = torch.softmax(z, dim=1, out=w)
    value += (q.amax(dim=1) / p.amax(dim=1)).log_().sum()
    torch.sub(p, q, out=room)
    return value


def reverse(student: Tensor, teacher: Tensor, temperature: float, room: Tensor) -> Tensor:
    """KL(p || q), of slope p (log p - log q - KL)."""
    log_p, log_q = _log_probabilities(student, teacher, temperature, room)
    gaps = torch.sub(log_p, log_q, out=log_q)
    return _spread(log_p.exp_(), gaps, room)


def symmetric(student: Tensor, teacher: Tensor, temperature: float, room: Tensor) -> Tensor:
    """The mean of the two."""
    forwards = forward(student, teacher, temperature, room)
    slopes = room.clone()
    backwards = reverse(student, teacher, temperature, room)
    room.add_(slopes).div_(2)
    return (forwards + backwards) / 2


def jensen_shannon(student: Tensor, teacher: Tensor, temperature: float, room: Tensor) -> Tensor:
    """KL(p || m) / 2 + KL(q || m) / 2, of slope p (log p - log m - KL(p || m)) / 2."""
    log_p, log_q = _log_probabilities(student, teacher, temperature, room)
    log_m = torch.logaddexp(log_p, log_q).sub_(math.log(2))
    q = torch.exp(log_q, out=room)
    of_teacher = log_q.sub_(log_m).mul_(q).sum()
    gaps = torch.sub(log_p, log_m, out=log_m)
    of_student = _spread(log_p.exp_(), gaps, room)
    room.div_(2)
    return (of_teacher + of_student) / 2


def _from_the_top(logits: Tensor, temperature: float, room: Tensor | None = None) -> Tensor:
    """The divided logits less the greatest of their row, over the room where there is one."""
    return torch.sub(logits, logits.amax(dim=1, keepdim=True), out=room).div_(temperature)


def _log_probabilities(
    student: Tensor, teacher: Tensor, temperature: float, room: Tensor
) -> tuple[Tensor, Tensor]:
    log_p = torch.log_softmax(torch.div(student, temperature, out=room), dim=1)
    log_q = torch.log_softmax(torch.div(teacher, temperature, out=room), dim=1)
    return log_p, log_q


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
