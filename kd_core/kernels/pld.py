"""PLD: the Plackett-Luce loss of a ranked row, by two scans."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

LOWEST = tl.constexpr(-3.0e38)  # minus infinity, but with itself subtracted it is 0 and not NaN


def pld_value_and_gradient(student_ranked: Tensor, alphas: Tensor) -> tuple[Tensor, Tensor]:
    """sum_k alpha_k (log sum_{l >= k} exp(s_l) - s_k) of every row, and its gradient: one launch.

    student_ranked: logits [B, C] in the order of the ranking (the label first), float32.
    alphas: the weight of every rank, [B, C] or [C], float32. Gives the values [B], in nats, and the
    gradient [B, C] of their sum, in the order of the ranking too.
    """
    rows, classes = student_ranked.shape
    values = student_ranked.new_empty(rows)
    gradient = torch.empty_like(student_ranked, memory_format=torch.contiguous_format)
    alphas = alphas.contiguous().expand(rows, classes)
    block = triton.next_power_of_2(classes)
    with torch.cuda.device_of(student_ranked):
        _one_row[(rows,)](
            student_ranked.contiguous(),
            alphas,
            values,
            gradient,
            classes,
            alphas.stride(0),  # 0 where all rows share them
            BLOCK=block,
            # About eight logits a thread: a row lives in registers from the first line to the last.
            num_warps=min(32, max(1, block // 256)),
            enable_fp_fusion=False,
        )
    return values, gradient


@triton.jit
def _one_row(
    student: tl.tensor,
    alphas: tl.tensor,
    values: tl.tensor,
    gradient: tl.tensor,
    classes: tl.tensor,
    alphas_stride: tl.tensor,
    BLOCK: tl.constexpr,
) -> None:
    row = tl.program_id(0).to(tl.int64)  # times C it may pass 2^31
    rank = tl.arange(0, BLOCK)
    inside = rank < classes
    place = row * classes + rank
    s = tl.load(student + place, mask=inside, other=LOWEST)
    alpha = tl.load(alphas + row * alphas_stride + rank, mask=inside, other=0.0)

    # From the last rank up: sum_{l >= k} exp(s_l) is e^top * total, and total is at least 1.
    top, total = tl.associative_scan(
        (s, tl.where(inside, 1.0, 0.0)), axis=0, combine_fn=_both_sums, reverse=True
    )
    total = tl.where(inside, total, 1.0)
    brackets = (top - s) + tl.log(total)  # log sum_{l >= k} exp(s_l - s_k), exact near 0
    tl.store(values + row, tl.sum(alpha * tl.where(inside, brackets, 0.0), axis=0))

    # From the first rank down: pull_k = sum_{j <= k} alpha_j (sum_{l >= k} e^s_l / sum_{l >= j}
    # e^s_l), which is pull_{k-1} times what rank k-1 leaves of its own sum, plus alpha_k. No factor
    # is above 1, so nothing overflows however far the logits spread.
    previous = tl.load(student + place - 1, mask=inside & (rank > 0), other=LOWEST)
    left = 1.0 / (1.0 + tl.exp(previous - top) / total)
    _, pull = tl.associative_scan((left, alpha), axis=0, combine_fn=_one_after_other)
    share = tl.exp(s - top) / total
    tl.store(gradient + place, share * pull - alpha, mask=inside)


@triton.jit
def _both_sums(
    top_a: tl.tensor, total_a: tl.tensor, top_b: tl.tensor, total_b: tl.tensor
) -> tuple[tl.tensor, tl.tensor]:
    """Two sums of exps, each as (maximum, sum relative to it), added."""
    top = tl.maximum(top_a, top_b)
    return top, total_a * tl.exp(top_a - top) + total_b * tl.exp(top_b - top)


@triton.jit
def _one_after_other(
    left_a: tl.tensor, added_a: tl.tensor, left_b: tl.tensor, added_b: tl.tensor
) -> tuple[tl.tensor, tl.tensor]:
    """The step `x -> left x + added` of a, then that of b, as one such step.

    A scan on a GPU folds neighbours in any order of pairs, which changes nothing for such steps.
    """
    return left_a * left_b, added_a * left_b + added_b
