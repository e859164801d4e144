"""Sorted rows cut into tiles, each held against the numbers that follow within a distance."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from kd_core.kendall.sigmoids import Scratch

TILE = 64
SHIFTS = 16  # at a time, or more where a row is not long enough to fill the memory with fewer
PART = 8  # of a tile: what follows is counted from the first to the last of each part
PAIRS_AT_ONCE = 262144
NUMBERS_AT_ONCE = 262144


def reach(rows: Tensor, distances: Sequence[float], every: int = PART) -> tuple[Tensor, ...]:
    """How many follow the last of every so many numbers within each distance. [B, C] -> [B, n]"""
    classes = rows.shape[1]
    last = torch.arange(every - 1, classes + every - 1, every, device=rows.device)
    last.clamp_(max=classes - 1)
    numbers = rows[:, last]
    ends = torch.cat([numbers + distance for distance in distances], dim=1)
    return (_up_to(rows, ends) - (last + 1).repeat(len(distances))).chunk(len(distances), dim=1)


def _up_to(rows: Tensor, values: Tensor) -> Tensor:
    """How many numbers of a sorted row are no greater than each value. [B, C], [B, n] -> [B, n]

    A search by halves, as torch.searchsorted is, but of all values in step: nothing branches, where
    that one mispredicts every other step, which costs it several times as long.
    """
    step = 1 << (rows.shape[1].bit_length() - 1)
    rows = torch.nn.functional.pad(rows, (0, 2 * step - 1 - rows.shape[1]), value=math.inf)
    found = torch.zeros(values.shape, dtype=torch.int64, device=rows.device)
    while step:
        found.add_(rows.gather(1, found + (step - 1)) <= values, alpha=step)
        step //= 2
    return found


def followers(rows: Tensor, distance: float) -> Tensor:
    """At least as many as follow any number of a tile within the distance. [B, C] -> [B, tiles]"""
    parts = reach(rows, [distance])[0] + (PART - 1)
    parts = torch.nn.functional.pad(parts, (0, -parts.shape[1] % (TILE // PART)))
    return parts.view(len(rows), -1, TILE // PART).amax(dim=2)


@dataclass(frozen=True)
class Group:
    """Tiles with about as many followers. Their pairs are met some shifts at a time: all numbers
    of the tiles against the ones that follow by start, start + 1, ... places.

    The tiles lie side by side, number after number: a shift is then a shift in memory, and each
    operation runs through long stretches of it.
    """

    index: Tensor  # [TILE + followers, tiles], into rows with one place more at their end
    sample: Tensor  # [tiles]
    shifts: int  # at a time

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of the pairs of some shifts."""
        return self.shifts, TILE, len(self.sample)

    @property
    def starts(self) -> range:
        return range(1, len(self.index) - TILE + 1, self.shifts)

    def windows(self, rows: Tensor) -> Tensor:
        """The tiles and their followers, of rows as `ended` makes them."""
        return rows.flatten().index_select(0, self.index.flatten()).view_as(self.index)

    def gaps(self, windows: Tensor, start: int, out: Tensor) -> Tensor:
        """Follower less number. [TILE + followers, tiles] -> [shifts, TILE, tiles]"""
        return torch.sub(self.following(windows, start), windows[:TILE], out=out)

    def following(self, windows: Tensor, start: int) -> Tensor:
        """The follower of every pair. [TILE + followers, tiles] -> [shifts, TILE, tiles]"""
        tiles = len(self.sample)
        return windows.as_strided(self.shape, (tiles, tiles, 1), start * tiles)

    def followed(self, start: int) -> slice:
        """The places of the followers of TILE numbers at these shifts."""
        return slice(start, start + TILE - 1 + self.shifts)

    def slanted(self, scratch: Scratch) -> tuple[Tensor, Tensor]:
        """A tensor of pairs as `gaps` has them, and the same memory with each follower in one
        column, to be summed: shift by shift the columns move on by one, and zeros fill the rest.
        """
        shifts, _, tiles = self.shape
        width = TILE - 1 + shifts
        columns = scratch("slanted", shifts, width, tiles).zero_()
        return columns.as_strided(self.shape, ((width + 1) * tiles, tiles, 1)), columns


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
    return min(NUMBERS_AT_ONCE // (TILE + most), PAIRS_AT_ONCE // TILE // min(most, SHIFTS))


def _group(tile: Tensor, tiles: int, classes: int, most: int) -> Group:
    times = math.ceil(most * TILE * len(tile) / PAIRS_AT_ONCE)
    shifts = math.ceil(most / times)
    # All starts have as many shifts: at the end, a few more followers than were asked for.
    followers = times * shifts
    sample = tile // tiles
    first = (tile % tiles) * TILE
    place = torch.arange(TILE + followers, device=tile.device).unsqueeze(1) + first
    index = place.clamp_(max=classes) + sample * (classes + 1)
    return Group(index, sample, shifts)
