"""Sorted rows cut into tiles, each held against the numbers that follow within a distance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from kd_core.kendall.sigmoids import Scratch

TILE = 64
PART = 8  # of a tile: what follows is counted from the first to the last of each part
PAIRS_AT_ONCE = 65536
NUMBERS_AT_ONCE = 131072

BEYOND = 3e38  # stands after the last number of a row: too far from all of them to matter


def followers(rows: Tensor, distance: float) -> Tensor:
    """At least as many as follow any number of a tile within the distance. [B, C] -> [B, tiles]"""
    samples, classes = rows.shape
    first = torch.arange(0, classes, PART, device=rows.device)
    last = (first + PART - 1).clamp_(max=classes - 1)
    end = torch.searchsorted(rows, rows[:, last] + distance, right=True)
    of_parts = end - 1 - first
    missing = -of_parts.shape[1] % (TILE // PART)
    of_parts = torch.nn.functional.pad(of_parts, (0, missing))
    return of_parts.view(samples, -1, TILE // PART).amax(dim=2)


@dataclass(frozen=True)
class Group:
    """Tiles with about as many followers, and where the numbers that they need are."""

    index: Tensor  # [tiles, TILE + followers], into rows with one place more at their end
    sample: Tensor  # [tiles]
    followers: int

    def windows(self, rows: Tensor) -> Tensor:
        """The tiles and their followers, of rows as `ended` makes them."""
        return rows.flatten()[self.index]

    def shifts(self) -> Iterator[Shifts]:
        tiles, numbers = self.index.shape
        together = max(1, min(self.followers, PAIRS_AT_ONCE // (tiles * TILE)))
        for start in range(1, self.followers + 1, together):
            yield Shifts(tiles, numbers, start, min(together, self.followers + 1 - start))


@dataclass(frozen=True)
class Shifts:
    """Each number of the tiles, and the ones that follow it by start, start + 1, ... places."""

    tiles: int
    numbers: int
    start: int
    count: int

    def gaps(self, windows: Tensor, out: Tensor) -> Tensor:
        """Follower less number. [tiles, TILE + followers] -> [tiles, count, TILE]"""
        following = windows.as_strided(self.shape, (self.numbers, 1, 1), self.start)
        return torch.sub(following, windows[:, None, :TILE], out=out.view(self.shape))

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.tiles, self.count, TILE

    @property
    def pairs(self) -> int:
        return self.tiles * self.count * TILE

    def followed(self) -> slice:
        """The places of all followers, of `TILE` numbers by `count` shifts."""
        return slice(self.start, self.start + self.count + TILE - 1)

    def slanted(self, scratch: Scratch) -> tuple[Tensor, Tensor]:
        """A tensor of pairs as `gaps` has them, and the same memory with each follower in one
        column, to be summed: shift by shift the columns move on by one, and zeros fill the rest.
        """
        width = TILE + self.count - 1
        columns = scratch("slanted", self.tiles, self.count, width).zero_()
        strides = (self.count * width, width + 1, 1)
        return columns.as_strided(self.shape, strides), columns


def ended(rows: Tensor, end: float) -> Tensor:
    return torch.nn.functional.pad(rows, (0, 1), value=end).contiguous()


def groups(counts: Tensor, classes: int) -> Iterator[Group]:
    """All tiles that have followers, those with the most first. [B, tiles]"""
    tiles = counts.shape[1]
    ordered = counts.flatten().sort(descending=True)
    on_host = ordered.values.tolist()
    start = 0
    while start < len(on_host) and on_host[start] > 0:
        most = on_host[start]
        tile = ordered.indices[start : start + max(1, _tiles_at_once(most))]
        yield _group(tile, tiles, classes, most)
        start += len(tile)


def _tiles_at_once(most: int) -> int:
    return min(NUMBERS_AT_ONCE // (TILE + most), PAIRS_AT_ONCE // TILE // min(most, PART))


def _group(tile: Tensor, tiles: int, classes: int, most: int) -> Group:
    sample = tile // tiles
    first = (tile % tiles) * TILE
    place = first.unsqueeze(1) + torch.arange(TILE + most, device=tile.device)
    index = place.clamp_(max=classes) + (sample * (classes + 1)).unsqueeze(1)
    return Group(index, sample, most)
