"""RKKD: Kendall's tau made smooth, over all pairs of classes and without a tensor of pairs."""

from __future__ import annotations

from typing import Literal

import torch
import triton
import triton.language as tl
from torch import Tensor

MINE, OTHERS = 32, 128  # the pairs that a program looks at together
NEAR_0 = tl.constexpr(0.2)  # here the series of tanh to x^7 is exact in float32


def rkkd_value_and_gradient(
    student: Tensor, teacher: Tensor, k: float, form: Literal["tanh", "teacher_sign", "product"]
) -> tuple[Tensor, Tensor]:
    """1 - tau of every row, and its gradient in the student's logits; a launch and a small sum.

    student, teacher: logits [B, C], float32, C >= 2. tau is the mean over all pairs i != j of
    tanh(k ds) tanh(k dt), of tanh(k ds) sign(dt), or of tanh(k ds dt), with ds = s_i - s_j. Gives
    the values [B], between 0 and 2, and the gradient [B, C] of their sum.
    """
    rows, classes = student.shape
    tiles = triton.cdiv(classes, MINE)
    parts = student.new_empty(rows, tiles)
    gradient = torch.empty_like(student, memory_format=torch.contiguous_format)
    with torch.cuda.device_of(student):
        _one_tile[(rows, tiles)](
            student.contiguous(),
            teacher.contiguous(),
            parts,
            gradient,
            classes,
            float(k),
            1.0 / (classes * (classes - 1)),
            FORM=form,
            MINE=MINE,
            OTHERS=OTHERS,
            enable_fp_fusion=False,
        )
    # A sum in a fixed order: programs that add to one number would do so in any order.
    return 1 - parts.sum(dim=1), gradient


@triton.jit
def _one_tile(
    student: tl.tensor,
    teacher: tl.tensor,
    parts: tl.tensor,
    gradient: tl.tensor,
    classes: tl.tensor,
    k: tl.tensor,
    per_pair: tl.tensor,
    FORM: tl.constexpr,
    MINE: tl.constexpr,
    OTHERS: tl.constexpr,
) -> None:
    """Pairs `MINE` classes of its row with all others, tile by tile.

    Every pair is met twice, from either side: so no program needs what another one found.
    """
    row = tl.program_id(0).to(tl.int64)  # times C it may pass 2^31
    student += row * classes
    teacher += row * classes
    mine = tl.program_id(1) * MINE + tl.arange(0, MINE)
    is_class = mine < classes
    s = tl.load(student + mine, mask=is_class, other=0.0)[:, None]
    t = tl.load(teacher + mine, mask=is_class, other=0.0)[:, None]
    agreement = tl.zeros([MINE], tl.float32)
    slope = tl.zeros([MINE], tl.float32)
    for start in range(0, classes, OTHERS):
        other = start + tl.arange(0, OTHERS)
        s_other = tl.load(student + other, mask=other < classes, other=0.0)[None, :]
        t_other = tl.load(teacher + other, mask=other < classes, other=0.0)[None, :]
        is_pair = is_class[:, None] & (other < classes)[None, :]
        agrees, rises = _pairs(s - s_other, t - t_other, k, FORM)
        agreement += tl.sum(tl.where(is_pair, agrees, 0.0), axis=1)
        slope += tl.sum(tl.where(is_pair, rises, 0.0), axis=1)
    tl.store(parts + row * tl.num_programs(1) + tl.program_id(1), tl.sum(agreement) * per_pair)
    # Twice, because (i, j) and (j, i) are both counted above and both move with s_i.
    tl.store(gradient + row * classes + mine, -2.0 * per_pair * slope, mask=is_class)


@triton.jit
def _pairs(
    ds: tl.tensor, dt: tl.tensor, k: tl.tensor, FORM: tl.constexpr
) -> tuple[tl.tensor, tl.tensor]:
    """How far the order of each pair agrees, and how fast that rises with ds.

    A pair of a class with itself, and a tie on either side, agree by 0.
    """
    if FORM == "product":
        agrees, steepness = _tanh(k * ds * dt)
        return agrees, steepness * k * dt
    if FORM == "teacher_sign":
        order = tl.where(dt > 0.0, 1.0, tl.where(dt < 0.0, -1.0, 0.0))
    else:
        order, _ = _tanh(k * dt)
    agrees, steepness = _tanh(k * ds)
    return agrees * order, steepness * k * order


@triton.jit
def _tanh(x: tl.tensor) -> tuple[tl.tensor, tl.tensor]:
    """tanh(x) and its slope 1 - tanh^2(x), neither losing digits at 0 or far from it.

    Triton has no tanh that its interpreter knows. From e = exp(-2 |x|) both follow with nothing to
    overflow; near 0, where 1 - e would cancel, a series takes its place.
    """
    size = tl.abs(x)
    e = tl.exp(-2.0 * size)
    square = x * x
    series = x * (1.0 + square * (-1 / 3 + square * (2 / 15 + square * (-17 / 315))))
    far = tl.where(x > 0.0, 1.0, -1.0) * (1.0 - e) / (1.0 + e)
    return tl.where(size < NEAR_0, series, far), 4.0 * e / ((1.0 + e) * (1.0 + e))
