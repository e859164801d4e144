"""scikit-learn's digits: 1797 grey images of 8 x 8 pixels that come with the library."""

from __future__ import annotations

import hashlib

import numpy as np

from kd_core.data.decode import square_of
from kd_core.data.listing import Listing, Rows, Squares

BRIGHTEST = 16  # load_digits() counts dark pixels of a 4 x 4 block


def list_digits() -> Listing:
    """Every digit, in the order of load_digits()."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    pixels = np.rint(digits.images * (255 / BRIGHTEST)).astype(np.uint8)  # [N, 8, 8]

    def squares(size: int, rows: Rows) -> Squares:
        for row in rows.tolist():
            yield row, square_of(pixels[row], size)

    return Listing(
        names=tuple(f"digits[{row}]" for row in range(len(pixels))),
        labels=digits.target.astype(np.int64),
        sides=None,
        class_names=tuple(str(name) for name in digits.target_names),
        squares=squares,
        content=lambda _: hashlib.sha256(pixels.tobytes()).hexdigest(),
        at_random=True,
        layout="digits",
    )
