"""Small pictures of a few samples, as text that a report can hold."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from kd_core.diagnosis import MOST_THUMBNAIL_BYTES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kd_core.data.images import Paged

LONGEST_SIDE = 96
FEW_COLOURS = 64
"""With a byte for each pixel and this palette, 96 x 96 of them fit whatever the picture shows."""


def thumbnails(images: NDArray[np.uint8] | Paged, places: Sequence[int]) -> list[str]:
    """PNG in base64, of images [N, S, S, 3] at these places."""
    if not places:
        return []
    chosen = images[np.array(places, dtype=np.int64)]
    return [base64.b64encode(thumbnail(pixels)).decode("ascii") for pixels in chosen]


def thumbnail(pixels: NDArray[np.uint8]) -> bytes:
    """uint8 [S, S, 3]"""
    picture = Image.fromarray(pixels)
    if bool((pixels == pixels[..., :1]).all()):
        picture = picture.convert("L")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    exact = _png(picture)
    if len(exact) <= MOST_THUMBNAIL_BYTES:
        return exact
    return _png(picture.convert("RGB").quantize(FEW_COLOURS))


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, format="PNG", optimize=True)
    return file.getvalue()
