"""Rows taken a few at a time: what is worked out for them stays in the processor's cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

BLOCK = 2**16  # elements; a few buffers of that many floats fit the second-level cache


def blocks(*rows: Tensor) -> Iterator[tuple[Tensor, ...]]:
    """Tensors of one shape [B, C] side by side, about BLOCK elements of each at a time, and one
    row at least. They are views: what is written to them is written to the whole.
    """
    samples, classes = rows[0].shape
    height = max(1, BLOCK // classes)
    if height >= samples:
        yield rows
        return
    for start in range(0, samples, height):
        yield tuple(tensor[start : start + height] for tensor in rows)


def added(of_blocks: Sequence[Tensor]) -> Tensor:
    """The sum of a number from each block."""
    return of_blocks[0] if len(of_blocks) == 1 else torch.stack([*of_blocks]).sum()
