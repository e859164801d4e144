"""Random numbers without a state: each follows from the seed, the epoch, the sample and the draw.

A generator would have to be wound to the right place after a resume, and would tie a sample's view
to the batch that it happens to be in. A hash of the place does neither.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

GOLDEN, FIRST, SECOND = (  # of splitmix64, as the signed numbers that torch has
    -7046029254386353131,
    -4658895280553007687,
    -7723592293110705685,
)
BITS = 53  # of a float64's fraction


@dataclass(frozen=True)
class Chance:
    """The draws of one batch. `stream` keeps apart what is drawn for different purposes."""

    seed: int
    epoch: int
    index: Tensor  # int64 [B], each sample's place in its split

    def uniforms(self, stream: str, count: int) -> Tensor:
        """Numbers in [0, 1), float64 [B, count]."""
        purpose = int.from_bytes(stream.encode()[:7].ljust(7), "big")
        key = _hashed(_hashed(torch.tensor(self.seed ^ purpose)) + self.epoch)
        of_sample = _hashed(key.to(self.index.device) + self.index.long() * GOLDEN)
        draws = torch.arange(1, count + 1, device=self.index.device) * GOLDEN
        bits = _shifted(_hashed(of_sample.unsqueeze(1) + draws), 64 - BITS)
        return bits.double() * 2.0**-BITS


def is_heads(uniform: Tensor) -> Tensor:
    """A coin for each number in [0, 1)."""
    return (2 * uniform).long() == 0


def _hashed(numbers: Tensor) -> Tensor:
    """splitmix64, in integers that wrap around."""
    mixed = numbers + GOLDEN
    mixed = (mixed ^ _shifted(mixed, 30)) * FIRST
    mixed = (mixed ^ _shifted(mixed, 27)) * SECOND
    return mixed ^ _shifted(mixed, 31)


def _shifted(numbers: Tensor, bits: int) -> Tensor:
    """To the right, filled with zeros: torch fills with the sign."""
    return (numbers >> bits) & ((1 << (64 - bits)) - 1)
