"""Every image decoded, at its place in its split; a few that are damaged are left out by name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kd_core.data.decode import FINGERPRINT_BYTES, ImageDamaged
from kd_core.data.limits import Limits
from kd_core.data.listing import SIDE_NAMES, Listing
from kd_core.data.refusal import few, refused


@dataclass(frozen=True, eq=False)
class Decoded:
    """N rows, of which some are damaged; what stands in their places means nothing."""

    splits: tuple[NDArray[np.uint8], ...]  # for each side [n, S, S, 3], without the damaged
    damaged: NDArray[np.bool_]  # [N]
    widths: NDArray[np.int32]  # [N]
    heights: NDArray[np.int32]  # [N]
    fingerprints: NDArray[np.void]  # [N]


def decode_all(listing: Listing, sides: NDArray[np.int8], size: int, limits: Limits) -> Decoded:
    """`sides` says for each row which split it belongs to. [N]"""
    rows = len(sides)
    splits = [_room(int((sides == side).sum()), size) for side in range(len(SIDE_NAMES))]
    places = np.zeros(rows, dtype=np.int64)
    for side, split in enumerate(splits):
        places[sides == side] = np.arange(len(split))
    widths, heights = np.zeros(rows, np.int32), np.zeros(rows, np.int32)
    fingerprints = np.zeros(rows, dtype=f"V{FINGERPRINT_BYTES}")
    damaged = _Damaged(listing, limits)
    seen = 0
    for row, square in listing.squares(size):
        seen += 1
        if isinstance(square, ImageDamaged):
            damaged.add(row, square)
            continue
        splits[sides[row]][places[row]] = square.pixels
        widths[row], heights[row] = square.width, square.height
        fingerprints[row] = np.void(square.fingerprint)
    _check_seen(seen, rows)
    kept = tuple(_without(split, damaged.rows[sides == side]) for side, split in enumerate(splits))
    return Decoded(kept, damaged.rows, widths, heights, fingerprints)


class _Damaged:
    """The rows that cannot be decoded, as long as they are few."""

    def __init__(self, listing: Listing, limits: Limits) -> None:
        self.rows = np.zeros(len(listing.names), dtype=np.bool_)
        self._listing = listing
        self._most = int(limits.damaged_share * len(listing.names))
        self._share = limits.damaged_share

    def add(self, row: int, reason: ImageDamaged) -> None:
        self.rows[row] = True
        count = int(self.rows.sum())
        if count <= self._most:
            return
        if count == 1:
            raise reason
        names = [self._listing.names[row] for row in np.flatnonzero(self.rows)]
        raise refused(
            f"more than {self._share:.0%} of {len(self.rows)} images cannot be decoded: "
            f"{few(names)}",
            code="images_damaged",
            hint="replace or remove them; if there are many, copy the data set again",
            file=names[0],
        )


def _room(count: int, size: int) -> NDArray[np.uint8]:
    return np.empty((count, size, size, 3), dtype=np.uint8)


def _without(images: NDArray[np.uint8], damaged: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The images that are whole, moved together in place: there is no room for them twice."""
    kept = np.flatnonzero(~damaged)
    for place, row in enumerate(kept.tolist()):
        if place != row:
            images[place] = images[row]
    return images[: len(kept)]


def _check_seen(seen: int, rows: int) -> None:
    if seen != rows:
        raise refused(
            f"{rows - seen} images went missing while they were read",
            code="data_changed",
            hint="leave the data alone while a run reads it, and start again",
        )
