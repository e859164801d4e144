"""What a reader knows before it decodes any image: enough to split, check and make room."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kd_core.data.decode import ImageDamaged, Square

TRAIN, VALIDATION, TEST = range(3)
"""The sides of a split, in the order in which a data set has them."""
SIDE_NAMES = ("train", "validation", "test")

Rows = NDArray[np.int64]
"""Places in the source's own order, ascending."""
Squares = Iterator[tuple[int, Square | ImageDamaged]]


@dataclass(frozen=True, eq=False)
class Listing:
    """N samples in the source's own order; row i is the sample with index i."""

    names: tuple[str, ...]
    labels: NDArray[np.int64] | None  # [N]
    sides: NDArray[np.int8] | None  # [N]
    """Which side each sample is on; None when the source brings no split. Where it brings a test
    split alone, validation is drawn from the rest.
    """
    class_names: tuple[str, ...] | None
    """As the source names them; None when it does not."""
    squares: Callable[[int, Rows], Squares]
    """From an image size S and some rows to (row, square) for each of them, in any order; what
    cannot be decoded comes as the reason.
    """
    content: Callable[[Rows], str]
    """The digest of the stored bytes that these rows are decoded from, or of more."""
    layout: str
    """What the source was recognised as."""
    at_random: bool = False
    """Whether a few rows can be had without reading the others."""
    warnings: tuple[str, ...] = ()
    working_bytes: int = 0
    """Memory that the source itself takes while it is decoded."""


def sides_of(sides: Sequence[int], counts: Sequence[int]) -> NDArray[np.int8] | None:
    """For files that stand one after the other, each on one side, with so many rows. [N]"""
    rows = np.repeat(np.array(sides, dtype=np.int8), counts)
    return rows if (rows != TRAIN).any() else None
