"""What is known of an image once it has been decoded: a small record for each."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kd_core.data.decode import FINGERPRINT_BYTES, Square

PRINT_BYTES = 16
FACTS = np.dtype(
    [
        ("damaged", "?"),
        ("width", "<i4"),  # as stored
        ("height", "<i4"),
        ("fingerprint", f"V{FINGERPRINT_BYTES}"),  # of the pixels as stored
        ("print", f"V{PRINT_BYTES}"),  # of the pixels as training sees them
    ]
)
Facts = NDArray[np.void]  # [N] of FACTS
"""Of a damaged image only that it is."""


def fact_of(square: Square) -> tuple[Any, ...]:
    return False, square.width, square.height, square.fingerprint, print_of(square.pixels)


def print_of(pixels: NDArray[np.uint8]) -> bytes:
    """Tells one image from any other. [S, S, 3]"""
    return hashlib.sha256(np.ascontiguousarray(pixels).data).digest()[:PRINT_BYTES]
