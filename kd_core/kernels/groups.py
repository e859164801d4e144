"""KD, DKD and GDKD: divergence of the masses of groups of classes, and within every group."""

from __future__ import annotations

from typing import NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

LOWEST = tl.constexpr(-3.0e38)  # minus infinity, but with itself subtracted it is 0 and not NaN


class GroupTerms(NamedTuple):
    """What `groups_terms_and_gradients` finds, for G groups, in nats."""

    terms: Tensor  # [B, 1 + G]: KL of the masses of the groups, then KL within each group
    log_masses: Tensor  # [B, G]: of the teacher; an empty group has -3e38
    gradient: Tensor  # [B, C]


def groups_terms_and_gradients(
    student: Tensor, teacher: Tensor, membership: Tensor, temperature: float, weights: Tensor
) -> GroupTerms:
    """The terms of every row, and the gradient of their sum over all rows, in one launch.

    student, teacher: logits [B, C], float32. membership: int8 [B, C], the group 0..G-1 of each
    class. weights: [1 + G], or [B, 1 + G], of the terms in the sum that is differentiated.
    Both the teacher's distribution q and the student's p are softmaxes at `temperature`, and with
    q_g, p_g for the masses of group g the terms are sum_g q_g log(q_g / p_g) and, within a group,
    KL(q || p) of the softmaxes of its classes alone. There is no factor of T^2 and no mean over the
    rows: they belong into `weights`. An empty group, or one of a single class, has term 0.

    KD is one group, DKD is two (the label is group 0), GDKD is two or three.
    """
    rows, classes = student.shape
    groups = weights.shape[-1] - 1
    terms = student.new_empty(rows, 1 + groups)
    log_masses = student.new_empty(rows, groups)
    gradient = torch.empty_like(student, memory_format=torch.contiguous_format)
    weights = weights.contiguous().expand(rows, 1 + groups)
    with torch.cuda.device_of(student):
        _one_row[(rows,)](
            student.contiguous(),
            teacher.contiguous(),
            membership.contiguous(),
            weights,
            terms,
            log_masses,
            gradient,
            classes,
            groups,
            weights.stride(0),  # 0 where all rows share them
            float(temperature),
            GROUPS=max(2, triton.next_power_of_2(groups)),
            TILE=min(1024, triton.next_power_of_2(classes)),
            enable_fp_fusion=False,  # w p - w q is 0 where p is q only if both products are rounded
        )
    return GroupTerms(terms, log_masses, gradient)


@triton.jit
def _one_row(
    student: tl.tensor,
    teacher: tl.tensor,
    membership: tl.tensor,
    weights: tl.tensor,
    terms: tl.tensor,
    log_masses: tl.tensor,
    gradient: tl.tensor,
    classes: tl.tensor,
    groups: tl.tensor,
    weights_stride: tl.tensor,
    temperature: tl.tensor,
    GROUPS: tl.constexpr,
    TILE: tl.constexpr,
) -> None:
    """Walks over its row twice: first the softmaxes' maxima and sums, then terms and gradient."""
    row = tl.program_id(0).to(tl.int64)  # times C it may pass 2^31
    group = tl.arange(0, GROUPS)
    lowest, zeros = tl.full([GROUPS], LOWEST, tl.float32), tl.zeros([GROUPS], tl.float32)
    top_s, sum_s = lowest, zeros
    top_t, sum_t = lowest, zeros
    for start in range(0, classes, TILE):
        s, t, member = _tile(student, teacher, membership, row, start, classes, group, TILE)
        top_s, sum_s = _with_tile(top_s, sum_s, s, member, temperature)
        top_t, sum_t = _with_tile(top_t, sum_t, t, member, temperature)

    p, log_p = _masses(top_s, sum_s, temperature)
    q, log_q = _masses(top_t, sum_t, temperature)
    of_row = weights + row * weights_stride
    low_weight = tl.load(of_row + 1 + group, mask=group < groups, other=0.0)
    pull = tl.load(of_row) * (p - q) + low_weight
    log_sum_s, log_sum_t = tl.log(tl.maximum(sum_s, 1.0)), tl.log(tl.maximum(sum_t, 1.0))

    low = zeros
    for start in range(0, classes, TILE):
        s, t, member = _tile(student, teacher, membership, row, start, classes, group, TILE)
        # Log-softmax within each class's own group. The maximum goes before the temperature
        # divides: near it the difference is exact.
        log_ps = (s - _own(top_s, member)) / temperature - _own(log_sum_s, member)
        log_qs = (t - _own(top_t, member)) / temperature - _own(log_sum_t, member)
        ps, qs = tl.exp(log_ps), tl.exp(log_qs)
        low += tl.sum(tl.where(member, (qs * (log_qs - log_ps))[None, :], 0.0), axis=1)
        column = start + tl.arange(0, TILE)
        slope = (_own(pull, member) * ps - _own(low_weight, member) * qs) / temperature
        tl.store(gradient + row * classes + column, slope, mask=column < classes)

    tl.store(terms + row * (1 + groups), tl.sum(q * (log_q - log_p), axis=0))
    tl.store(terms + row * (1 + groups) + 1 + group, low, mask=group < groups)
    tl.store(log_masses + row * groups + group, log_q, mask=group < groups)


@triton.jit
def _tile(
    student: tl.tensor,
    teacher: tl.tensor,
    membership: tl.tensor,
    row: tl.tensor,
    start: tl.tensor,
    classes: tl.tensor,
    group: tl.tensor,
    TILE: tl.constexpr,
) -> tuple[tl.tensor, tl.tensor, tl.tensor]:
    """The next logits [TILE] of both, and which group holds which of them [GROUPS, TILE]."""
    column = start + tl.arange(0, TILE)
    inside = column < classes
    place = row * classes + column
    s = tl.load(student + place, mask=inside, other=0.0)
    t = tl.load(teacher + place, mask=inside, other=0.0)
    of = tl.load(membership + place, mask=inside, other=-1)
    return s, t, of[None, :] == group[:, None]


@triton.jit
def _own(values: tl.tensor, member: tl.tensor) -> tl.tensor:
    """The value of the group that each class is in. [GROUPS], [GROUPS, TILE] -> [TILE]"""
    return tl.sum(tl.where(member, values[:, None], 0.0), axis=0)


@triton.jit
def _with_tile(
    top: tl.tensor, total: tl.tensor, logits: tl.tensor, member: tl.tensor, temperature: tl.tensor
) -> tuple[tl.tensor, tl.tensor]:
    """Each group's maximum logit, and its sum of exp((logit - maximum) / T), one tile later.

    A maximum of its own keeps a group from vanishing beside another that is 100 nats above.
    """
    found = tl.max(tl.where(member, logits[None, :], LOWEST), axis=1)
    new_top = tl.maximum(top, found)
    exps = tl.exp((logits - _own(new_top, member)) / temperature)
    tile_total = tl.sum(tl.where(member, exps[None, :], 0.0), axis=1)
    return new_top, total * tl.exp((top - new_top) / temperature) + tile_total


@triton.jit
def _masses(
    top: tl.tensor, total: tl.tensor, temperature: tl.tensor
) -> tuple[tl.tensor, tl.tensor]:
    """Each group's share of all probability, and its log. [GROUPS]"""
    height = (top - tl.max(top, axis=0)) / temperature + tl.log(tl.maximum(total, 1.0))
    height = tl.where(total > 0.0, height, LOWEST)
    height -= tl.max(height, axis=0)
    of_all = tl.sum(tl.exp(height), axis=0)
    return tl.exp(height) / of_all, height - tl.log(of_all)
