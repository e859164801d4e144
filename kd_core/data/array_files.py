"""Files that hold the pixels of many images one after the other, as the classic sets came."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from kd_core.data.archives import DAMAGED
from kd_core.data.decode import square_of
from kd_core.data.inventory import Inventory
from kd_core.data.listing import Listing, Rows, Squares, sides_of
from kd_core.data.refusal import few, refused
from kd_core.errors import DataInvalid


@dataclass(frozen=True)
class ArrayFile:
    name: str
    side: int
    count: int
    """Images in it."""
    size_bytes: int
    """Unpacked."""


PixelsOf = Callable[[ArrayFile, IO[bytes]], NDArray[np.uint8]]  # -> [N, H, W] or [N, H, W, 3]


def list_arrays(
    there: Inventory,
    files: Sequence[ArrayFile],
    labels: NDArray[np.int64] | None,
    class_names: tuple[str, ...] | None,
    *,
    layout: str,
    pixels_of: PixelsOf,
) -> Listing:
    """The images of all files, in the order of the files."""
    return Listing(
        names=tuple(f"{file.name}[{row}]" for file in files for row in range(file.count)),
        labels=labels,
        sides=sides_of([file.side for file in files], [file.count for file in files]),
        class_names=class_names,
        squares=partial(_squares, there, files, pixels_of),
        content=lambda _: there.tree.digest([file.name for file in files]),
        layout=layout,
        working_bytes=max(file.size_bytes for file in files),
    )


def _squares(
    there: Inventory, files: Sequence[ArrayFile], pixels_of: PixelsOf, size: int, rows: Rows
) -> Squares:
    firsts = np.cumsum([0, *(file.count for file in files)]).tolist()
    by_name = {
        file.name: (file, first, inside)
        for file, first in zip(files, firsts, strict=False)
        if len(inside := rows_inside(rows, first, file.count))
    }
    for name, stream in there.tree.streams(list(by_name)):
        file, first, inside = by_name[name]
        with reading_file(name):
            pixels = pixels_of(file, stream)
        if len(pixels) != file.count:
            raise damaged(name, f"it now has {len(pixels)} images, not {file.count}")
        for row in inside.tolist():
            yield first + row, square_of(pixels[row], size)


def rows_inside(rows: Rows, first: int, count: int) -> Rows:
    """Those of the rows that a file has which begins at `first`, counted from its beginning."""
    start, end = np.searchsorted(rows, [first, first + count])
    return rows[start:end] - first


def size_of(file: IO[bytes]) -> int:
    size = file.seek(0, 2)
    file.seek(0)
    return size


@contextmanager
def reading_file(name: str) -> Iterator[None]:
    """Whatever a reader stumbles over inside of a file is damage, and is said so."""
    try:
        yield
    except DAMAGED as error:
        raise damaged(name, str(error) or type(error).__name__) from None


def damaged(name: str, what: Any) -> DataInvalid:
    return refused(
        f"the file is truncated or damaged: {what}",
        code="file_damaged",
        hint="take it as it was published, and compare its size after copying",
        file=name,
    )


def check_names(names: Sequence[str], file: str) -> tuple[str, ...]:
    """The names of classes, each once."""
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice or "" in names:
        raise refused(
            f"class names that are empty or stand twice: {few(twice)}",
            code="class_names_repeat",
            hint="give each class its own name",
            file=file,
        )
    return tuple(names)
