"""What a reader knows before it decodes any image: enough to split, check and make room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Squares = Iterator[tuple[int, NDArray[np.uint8]]]


@dataclass(frozen=True, eq=False)
class Listing:
    """N samples in the source's own order; row i is the sample with index i."""

    names: tuple[str, ...]
    labels: NDArray[np.int64] | None  # [N]
    held_out: NDArray[np.bool_] | None  # [N]; None when the source brings no split
    class_names: tuple[str, ...] | None
    """As the source names them; None when it does not."""
    squares: Callable[[int], Squares]
    """From an image size S to (row, uint8 [S, S, 3]) for every row, in any order."""
    warnings: tuple[str, ...] = ()
    working_bytes: int = 0
    """Memory that the source itself takes while it is decoded."""
