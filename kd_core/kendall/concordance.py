"""Kendall's count: of all pairs of classes, those in the same order less those in the opposite."""

from __future__ import annotations

import math

import torch
from torch import Tensor

CLASSES_AT_ONCE = 131072


def concordance(forth: Tensor, back: Tensor) -> Tensor:
    """Pairs in the same order less pairs in opposite order, exactly. [B, C], [B, C] -> [B]

    `forth` holds the second rank of each class by ascending first rank, `back` the reverse; there
    are no ties among ranks. Both ranks are cut into blocks of about sqrt(C): pairs in different
    blocks by both ranks are counted by block, the others one by one, C sqrt(C) of them.
    """
    samples, classes = forth.shape
    step = max(1, CLASSES_AT_ONCE // classes)
    counts = [
        _counted(forth[start : start + step], back[start : start + step])
        for start in range(0, samples, step)
    ]
    return torch.cat(counts)


def _counted(forth: Tensor, back: Tensor) -> Tensor:
    classes = forth.shape[1]
    bits = round(math.log2(classes) / 2)  # blocks of 2^bits ranks: a shift divides by them
    added = -classes % (1 << bits)
    forth, back = (_filled(ranks, added) for ranks in (forth, back))
    found = (
        _across_blocks(forth, bits)
        + _within_blocks(forth, bits)
        # The blocks of both ranks being the same, the pair was counted one line above.
        + _within_blocks(back >> bits, bits)
    )
    return found - (classes * added + added * (added - 1) // 2)


def _filled(ranks: Tensor, added: int) -> Tensor:
    """Up to whole blocks, by classes that come last by both ranks: in the same order as all."""
    classes = ranks.shape[1]
    last = torch.arange(classes, classes + added, device=ranks.device)
    return torch.cat([ranks, last.expand(len(ranks), -1)], dim=1)


def _across_blocks(forth: Tensor, bits: int) -> Tensor:
    """From the number of classes in every pair of blocks. float32 counts up to 2^24 exactly."""
    samples, classes = forth.shape
    blocks = classes >> bits
    block = torch.arange(classes, device=forth.device) >> bits
    cells = forth.new_zeros(samples, blocks * blocks, dtype=torch.float32)
    ones = cells.new_ones(()).expand(forth.shape)
    cells.scatter_add_(1, block * blocks + (forth >> bits), ones)
    cells = cells.view(samples, blocks, blocks)
    earlier = torch.tril(cells.new_ones(blocks, blocks), -1) @ cells
    side = torch.triu(cells.new_ones(blocks, blocks), 1)
    surplus = earlier @ (side - side.T)
    return surplus.mul_(cells).sum(dim=(1, 2), dtype=torch.float64)


def _within_blocks(ranks: Tensor, bits: int) -> Tensor:
    """Of pairs in one block: those whose later class ranks higher less those where it is lower."""
    samples, width = len(ranks), 1 << bits
    # The narrower the integers, the more of them a processor takes at once.
    narrow = torch.int16 if ranks.shape[1] < torch.iinfo(torch.int16).max else torch.int32
    inside = ranks.to(narrow).view(-1, width).T.contiguous()  # [width, samples x blocks]
    found = torch.zeros_like(inside[0])
    buffer = torch.empty_like(inside)
    for apart in range(1, width):
        signs = torch.sub(inside[apart:], inside[:-apart], out=buffer[apart:]).sign_()
        found += signs.sum(dim=0, dtype=narrow)
    return found.view(samples, -1).sum(dim=1, dtype=torch.float64)
