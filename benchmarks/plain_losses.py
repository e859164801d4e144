"""The losses as published code writes them, in ordinary PyTorch: what ours are measured against.

Each takes float logits and labels and returns the value; autograd does the rest. They are right on
ordinary logits, which is all that a benchmark gives them, and are not for use.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import kl_div, log_softmax, one_hot, softmax

MASKED = 1000.0  # subtracted from a logit to push its class out of a softmax


def kd(s: Tensor, t: Tensor, _y: Tensor, temperature: float = 4.0) -> Tensor:
    log_p, q = log_softmax(s / temperature, dim=1), softmax(t / temperature, dim=1)
    return kl_div(log_p, q, reduction="none").sum(1).mean() * temperature**2


def dkd(s: Tensor, t: Tensor, y: Tensor, temperature: float = 4.0, beta: float = 8.0) -> Tensor:
    own = one_hot(y, s.shape[1]).bool()
    p, q = softmax(s / temperature, dim=1), softmax(t / temperature, dim=1)
    masses_p, masses_q = (
        torch.stack([(at * own).sum(1), (at * ~own).sum(1)], dim=1) for at in (p, q)
    )
    target = kl_div(masses_p.log(), masses_q, reduction="sum") / len(y)
    log_rest = log_softmax(s / temperature - MASKED * own, dim=1)
    rest = softmax(t / temperature - MASKED * own, dim=1)
    other = kl_div(log_rest, rest, reduction="sum") / len(y)
    return (target + beta * other) * temperature**2


def gdkd(
    s: Tensor, t: Tensor, _y: Tensor, temperature: float = 4.0, k: int = 5, w2: float = 8.0
) -> Tensor:
    top = torch.zeros_like(t, dtype=torch.bool).scatter(1, t.topk(k, dim=1).indices, True)  # noqa: FBT003
    p, q = softmax(s / temperature, dim=1), softmax(t / temperature, dim=1)
    masses_p, masses_q = (
        torch.stack([(at * top).sum(1), (at * ~top).sum(1)], dim=1) for at in (p, q)
    )
    value = kl_div(masses_p.log(), masses_q, reduction="batchmean")
    for outside, weight in ((~top, 1.0), (top, w2)):
        log_within = log_softmax(s / temperature - MASKED * outside, dim=1)
        within = softmax(t / temperature - MASKED * outside, dim=1)
        value = value + weight * kl_div(log_within, within, reduction="batchmean")
    return value * temperature**2


def nkd(s: Tensor, t: Tensor, y: Tensor, temperature: float = 1.0, gamma: float = 1.5) -> Tensor:
    label = y.unsqueeze(1)
    target = -(softmax(t, dim=1).gather(1, label) * log_softmax(s, dim=1).gather(1, label)).mean()
    rest = ~one_hot(y, s.shape[1]).bool()
    others_s, others_t = (at[rest].reshape(len(y), -1) for at in (s, t))
    log_p = log_softmax(others_s / temperature, dim=1)
    q = softmax(others_t / temperature, dim=1)
    return target - gamma * temperature**2 * (q * log_p).sum(1).mean()


def dist(s: Tensor, t: Tensor, _y: Tensor, temperature: float = 4.0, weight: float = 2.0) -> Tensor:
    p, q = softmax(s / temperature, dim=1), softmax(t / temperature, dim=1)

    def pearson(a: Tensor, b: Tensor) -> Tensor:
        a, b = a - a.mean(1, keepdim=True), b - b.mean(1, keepdim=True)
        return ((a * b).sum(1) / (a.norm(dim=1) * b.norm(dim=1) + 1e-8)).mean()

    inter, intra = 1 - pearson(p, q), 1 - pearson(p.T, q.T)
    return weight * (inter + intra) * temperature**2


def mlkd(s: Tensor, t: Tensor, _y: Tensor) -> Tensor:
    value = s.new_zeros(())
    for temperature in (2.0, 3.0, 4.0, 5.0, 6.0):
        p, q = softmax(s / temperature, dim=1), softmax(t / temperature, dim=1)
        classes = ((q.T @ q - p.T @ p) ** 2).sum() / s.shape[1]
        batch = ((q @ q.T - p @ p.T) ** 2).sum() / s.shape[0]
        log_p = log_softmax(s / temperature, dim=1)
        instance = kl_div(log_p, q, reduction="batchmean") * temperature**2
        value = value + instance + classes + batch
    return value


def pld(s: Tensor, t: Tensor, y: Tensor, temperature: float = 1.0) -> Tensor:
    """As the paper lists it: ascending, the label last, so that no flip is needed."""
    order = t.argsort(dim=1)
    rest = order[order != y.unsqueeze(1)].reshape(len(y), -1)
    ranking = torch.cat([rest, y.unsqueeze(1)], dim=1)
    student, teacher = s.gather(1, ranking), t.gather(1, ranking)
    alphas = softmax(teacher / temperature, dim=1)
    return (alphas * (student.logcumsumexp(dim=1) - student)).sum(1).mean()


def rkkd(s: Tensor, t: Tensor, _y: Tensor, k: float = 100.0) -> Tensor:
    """Every pair of classes in a tensor of [B, C, C]."""
    classes = s.shape[1]
    gaps_s, gaps_t = (at.unsqueeze(2) - at.unsqueeze(1) for at in (s, t))
    tau = (torch.tanh(k * gaps_s) * torch.tanh(k * gaps_t)).sum((1, 2))
    return (1 - tau / (classes * (classes - 1))).mean()
