"""KL between the masses of groups of classes and within each group, in torch's own operations.

Everything is a logarithm of a sum over the members of a group: no class is masked by a large
number, none is found by subtracting the others from 1, and a group without members adds 0. The
logits are divided by the temperature already.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from kd_core.closed_forms.groups import Groups


def between_rows(student: Tensor, teacher: Tensor, groups: Groups) -> Tensor:
    """KL(teacher || student) of the groups' masses, of every sample. [B]"""
    log_p, log_q = log_masses(student, groups), log_masses(teacher, groups)
    return _entries(log_q, log_p, log_q - log_p).sum(dim=1)


def within_rows(student: Tensor, teacher: Tensor, groups: Groups, direction: str) -> Tensor:
    """The divergence within every group, of every sample. [B, count]

    forward: KL(teacher || student); reverse: KL(student || teacher); symmetric: their mean.
    """
    log_p, log_q = log_shares(student, groups), log_shares(teacher, groups)
    match direction:
        case "forward":
            return _summed(_entries(log_q, log_p, log_q - log_p), groups)
        case "reverse":
            return _reverse_rows(log_p, log_q, groups)
        case _:
            forward = _summed(_entries(log_q, log_p, log_q - log_p), groups)
            return (forward + _reverse_rows(log_p, log_q, groups)) / 2


def _reverse_rows(log_p: Tensor, log_q: Tensor, groups: Groups) -> Tensor:
    """KL(p || q) within every group, around its own value: its slope p (log p/q - KL) is small
    where log p/q and KL are large and nearly equal, and would be lost between them.
    """
    ratio = log_p - log_q
    level = _summed(log_p.exp() * ratio, groups).detach()
    around = ratio - level.gather(1, groups.of_classes())
    return level + _summed(_entries(log_p, log_q, around), groups)


def _entries(log_a: Tensor, log_b: Tensor, ratio: Tensor) -> Tensor:
    """What each place adds to KL(a || b): a log (a / b) - a + b.

    The last two sum to 0 over a distribution. With them each slope is 0 where a is b, rather than
    all of them together up to rounding.
    """
    a, b = log_a.exp(), log_b.exp()
    return a * ratio - a + b


def _summed(entries: Tensor, groups: Groups) -> Tensor:
    """Over the members of every group. [B, C] -> [B, count]"""
    return torch.where(groups.members(), entries.unsqueeze(1), 0).sum(dim=2)


def log_masses(logits: Tensor, groups: Groups) -> Tensor:
    """The log-probability of every group, 0 where it has no members. [B, C] -> [B, count]"""
    totals, empty = _totals(logits, groups)
    return torch.log_softmax(totals.masked_fill(empty, -math.inf), dim=1).masked_fill(empty, 0)


def log_shares(logits: Tensor, groups: Groups) -> Tensor:
    """The log-probability of every class among those of its own group. [B, C] -> [B, C]"""
    totals, _ = _totals(logits, groups)
    return logits - totals.gather(1, groups.of_classes())


def _totals(logits: Tensor, groups: Groups) -> tuple[Tensor, Tensor]:
    """Log-sums over the members of every group, and which groups have none. [B, count] each

    Where there is no member the sum runs over everything: a finite number with a finite gradient,
    for the caller to put aside.
    """
    members = groups.members()
    empty = ~members.any(dim=2)
    inside = torch.where(members | empty.unsqueeze(2), logits.unsqueeze(1), -math.inf)
    return inside.logsumexp(dim=2), empty
