"""From the bytes of an image file to a square of pixels, as timm evaluates: shorter side resized
with bicubic filtering, centre cropped. Orientation tags are not applied, as timm does not.
"""

from __future__ import annotations

import hashlib
import struct
import warnings
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from kd_core.data.limits import Limits
from kd_core.data.refusal import DATASET, refused
from kd_core.errors import DataInvalid

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
FINGERPRINT_BYTES = 16
# More than 8 bits a channel: Pillow would clip them to white instead of scaling them.
WIDE_MODES = ("I", "F", "I;16", "I;16B", "I;16L", "I;16N")
# What Pillow's readers are seen to raise on damaged files; there is no common class.
DAMAGED = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    EOFError,
    MemoryError,
    RuntimeError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, eq=False)
class Square:
    """One image as training sees it, and what is known of it as it was stored."""

    pixels: NDArray[np.uint8]  # [S, S, 3]
    width: int
    height: int
    fingerprint: bytes
    """The same for the same RGB pixels before resizing, whatever file they were stored in."""


class ImageDamaged(DataInvalid):
    """One image that cannot be decoded: a few of them are left out of a large set."""

    code = "image_damaged"


def decode(data: bytes, name: str, size: int, limits: Limits) -> Square:
    """The first frame of an image file as RGB."""
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(BytesIO(data), formats=FORMATS) as image,
        ):
            check_size(image.width, image.height, name, size, limits)
            _check_depth(image, name)
            return square(image, size)
    except UnidentifiedImageError:
        raise _damaged(name, f"is none of {', '.join(FORMATS)}") from None
    except Image.DecompressionBombError:
        raise _too_large(name, "far more", limits) from None
    except DAMAGED as error:
        raise _damaged(name, f"cannot be decoded: {error}") from None


def square_of(pixels: NDArray[np.uint8], size: int) -> Square:
    """The same of pixels that were stored as an array. [H, W], [H, W, 1] or [H, W, 3]"""
    plain: NDArray[Any] = pixels[:, :, 0] if pixels.shape[2:] == (1,) else pixels
    return square(Image.fromarray(plain), size)


def square(image: Image.Image, size: int) -> Square:
    """The centre of an image whose shorter side is `size`.

    The arithmetic is that of torchvision's Resize(size, bicubic) and CenterCrop(size).
    """
    image = image.convert("RGB")
    stored, print_of = image.size, _fingerprint(image)
    width, height = _resized(*stored, size)
    if (width, height) != image.size:
        image = image.resize((width, height), Image.Resampling.BICUBIC)
    left, top = round((width - size) / 2), round((height - size) / 2)
    pixels = np.array(image.crop((left, top, left + size, top + size)))
    return Square(pixels, *stored, print_of)


def _fingerprint(image: Image.Image) -> bytes:
    shape = f"{image.width} {image.height} ".encode()
    return hashlib.blake2b(shape + image.tobytes(), digest_size=FINGERPRINT_BYTES).digest()


def check_size(width: int, height: int, name: str, size: int, limits: Limits) -> None:
    """Refuse what would take too much memory, as stored or once its shorter side is `size`."""
    if min(width, height) < 1:
        raise _damaged(name, f"has no pixels ({width} x {height})")
    if width * height > limits.image_pixels:
        raise _too_large(name, f"{width} x {height}", limits)
    resized = _resized(width, height, size)
    if resized[0] * resized[1] > limits.image_pixels:
        raise refused(
            f"the image is too narrow: {width} x {height} pixels become {resized[0]} x "
            f"{resized[1]} when the shorter side is resized to {size}",
            code="image_too_narrow",
            hint="crop or remove the image, or lower data.image_size",
            file=name,
        )


def _resized(width: int, height: int, size: int) -> tuple[int, int]:
    if width <= height:
        return size, int(size * height / width)
    return int(size * width / height), size


def _check_depth(image: Image.Image, name: str) -> None:
    if image.mode in WIDE_MODES:
        raise refused(
            f"the image has more than 8 bits a channel (Pillow's mode {image.mode})",
            code="image_not_8_bit",
            hint="save it with 8 bits a channel, scaled as you mean it",
            file=name,
        )


def _damaged(name: str, what: str) -> ImageDamaged:
    hint = "replace or remove the file"
    return ImageDamaged(f"the image {what}", hint=hint, pointer=DATASET, file=name)


def _too_large(name: str, pixels: str, limits: Limits) -> DataInvalid:
    return refused(
        f"the image has too many pixels: {pixels}; at most {limits.image_pixels} are decoded",
        code="image_too_large",
        hint="store it smaller: it is resized to data.image_size anyway",
        file=name,
    )
