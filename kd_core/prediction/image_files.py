"""Image files from a command line, decoded as training decodes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kd_core.data.decode import decode
from kd_core.data.limits import LIMITS
from kd_core.errors import DataInvalid, Problem

Pixels = NDArray[np.uint8]
AT_ONCE = 16


def check(paths: Sequence[Path]) -> None:
    """What can be said of the names alone, of all of them at once."""
    problems = [problem for path in paths if (problem := _problem(path)) is not None]
    if problems:
        raise _refused(problems)


def batches(paths: Sequence[Path], side: int) -> Iterator[Pixels]:
    """uint8 [B, S, S, 3]. Those that cannot be decoded are all told together, at the end."""
    problems: list[Problem] = []
    for start in range(0, len(paths), AT_ONCE):
        squares = []
        for path in paths[start : start + AT_ONCE]:
            try:
                squares.append(_square(path, side))
            except DataInvalid as error:
                problems += error.problems
        if not problems:
            yield np.stack(squares)
    if problems:
        raise _refused(problems)


def resized(pixels: Pixels, side: int) -> Pixels:
    """For a network that sees the decoded images at another size. [B, S, S, 3]"""
    if pixels.shape[1] == side:
        return pixels
    return np.stack([_at_side(Image.fromarray(one), side) for one in pixels])


def _at_side(image: Image.Image, side: int) -> Pixels:
    return np.asarray(image.resize((side, side), Image.Resampling.BICUBIC))


def _square(path: Path, side: int) -> Pixels:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _refused([_unreadable(path, error.strerror or str(error))]) from None
    return decode(data, str(path), side, LIMITS).pixels


def _problem(path: Path) -> Problem | None:
    if path.is_dir():
        hint = f"name the images in it: {path}/*.jpg"
        return Problem("image_is_folder", "this is a folder", hint, file=str(path))
    try:
        size = path.stat().st_size
    except OSError as error:
        return _unreadable(path, error.strerror or str(error))
    if not path.is_file():
        return _unreadable(path, "it is not a file")
    if size > LIMITS.member_bytes:
        said = f"the file has {size} bytes; at most {LIMITS.member_bytes} are read"
        return Problem("image_too_large", said, "store the image smaller", file=str(path))
    return None


def _unreadable(path: Path, why: str) -> Problem:
    hint = "check the name, and who may read the file"
    return Problem("image_unreadable", f"the image cannot be read: {why}", hint, file=str(path))


def _refused(problems: Sequence[Problem]) -> DataInvalid:
    error = DataInvalid(problems[0].message)
    error.problems = tuple(problems)
    return error
