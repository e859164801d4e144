"""What the kernels compute, from the losses' definitions, one row at a time, in float64.

The gradients are torch's, of these lines; nothing is shared with kd_core.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def pld(student_ranked: Tensor, alphas: Tensor) -> tuple[Tensor, Tensor]:
    """sum_k alpha_k [ log sum_{l >= k} exp(s_l) - s_k ] of each row, and the gradient."""
    alphas = alphas.double().expand_as(student_ranked)

    def row(s: Tensor, index: int) -> Tensor:
        brackets = [s[k:].logsumexp(0) - s[k] for k in range(len(s))]
        return alphas[index] @ torch.stack(brackets)

    return _differentiated(row, student_ranked)


def rkkd(student: Tensor, teacher: Tensor, k: float, form: str) -> tuple[Tensor, Tensor]:
    """1 - tau of each row, tau the mean over all ordered pairs of two classes; the gradient."""

    def row(s: Tensor, index: int) -> Tensor:
        t = teacher[index].double()
        ds, dt = s[:, None] - s[None, :], t[:, None] - t[None, :]
        match form:
            case "tanh":
                pairs = (k * ds).tanh() * (k * dt).tanh()
            case "teacher_sign":
                pairs = (k * ds).tanh() * dt.sign()
            case "product":
                pairs = (k * ds * dt).tanh()
        return 1 - pairs.sum() / (len(s) * (len(s) - 1))

    return _differentiated(row, student)


def groups(
    student: Tensor, teacher: Tensor, membership: Tensor, temperature: float, weights: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """The terms of each row, the teacher's log masses, and the gradient of the weighted sum."""
    count = weights.shape[-1] - 1
    weights = weights.double().expand(len(student), -1)
    terms = torch.zeros(len(student), 1 + count, dtype=torch.float64)
    log_masses = torch.full((len(student), count), -3e38, dtype=torch.float64)

    def row(s: Tensor, index: int) -> Tensor:
        log_p = (s / temperature).log_softmax(0)
        log_q = (teacher[index].double() / temperature).log_softmax(0)
        found = [s.sum() * 0] * (1 + count)
        for group in range(count):
            inside = (membership[index] == group).nonzero()[:, 0]
            if len(inside):
                log_b, log_a = log_p[inside].logsumexp(0), log_q[inside].logsumexp(0)
                log_masses[index, group] = log_a
                found[0] = found[0] + log_a.exp() * (log_a - log_b)
                low = log_q[inside] - log_a
                found[1 + group] = low.exp() @ (low - (log_p[inside] - log_b))
        terms[index] = torch.stack(found).detach()
        return weights[index] @ torch.stack(found)

    _, gradient = _differentiated(row, student)
    return terms, log_masses, gradient


def _differentiated(row: Callable[[Tensor, int], Tensor], student: Tensor) -> tuple[Tensor, Tensor]:
    """The value of every row and its gradient in the student's logits."""
    logits = student.detach().double().requires_grad_()
    values = torch.stack([row(logits[index], index) for index in range(len(logits))])
    (gradient,) = torch.autograd.grad(values.sum(), logits)
    return values.detach(), gradient
