"""IDX, the format of MNIST and its family: a header with the shape, then the bytes.

Recognised by `<split>-images-idx3-ubyte`, or `.idx3-ubyte`, gzipped or not, where the split is
train, val, test or t10k (the test split's name in MNIST). The labels are numbers; what they are
called, data.class_names can say. Where a file is there both gzipped and not, it is read unpacked.
"""

from __future__ import annotations

import gzip
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from kd_core.data.archives import check_ratio
from kd_core.data.array_files import (
    ArrayFile,
    damaged,
    list_arrays,
    reading_file,
    size_of,
)
from kd_core.data.decode import check_size
from kd_core.data.inventory import Inventory
from kd_core.data.layout_reader import Reader
from kd_core.data.listing import TEST, TRAIN, VALIDATION, Listing
from kd_core.data.refusal import few, refused, without_labels
from kd_core.data.room import SMALLEST_SIZE, check_room
from kd_core.data.tar_tree import GZIP
from kd_core.errors import DataInvalid

NAME = re.compile(
    r"(?P<set>.*?)(?P<split>train|val|validation|test|t10k)[-_.](?P<what>images|labels)"
    r"[-.]idx[13]-ubyte(\.gz)?",
    re.IGNORECASE,
)
SIDES = {"train": TRAIN, "val": VALIDATION, "validation": VALIDATION, "test": TEST, "t10k": TEST}
UNSIGNED_BYTES = 8
IMAGES, LABELS = 3, 1  # dimensions


def recognise(there: Inventory) -> Reader | None:
    folder = there.folder_with(_holds_images, "data set in IDX files")
    return None if folder is None else partial(_list, there, folder)


def _holds_images(name: str) -> bool:
    match = NAME.fullmatch(name)
    return match is not None and match["what"].casefold() == "images"


def _list(there: Inventory, folder: str, *, unlabelled: bool) -> Listing:
    images, labels = _halves(there.inside(folder))
    if TRAIN not in images:
        raise refused(
            "there are no training images",
            code="file_missing",
            hint="bring train-images-idx3-ubyte and its labels",
            file=folder or there.source,
        )
    files: dict[int, ArrayFile] = {}
    numbers: dict[int, NDArray[np.int64]] = {}
    wanted = {name: side for half in (images, labels) for side, name in half.items()}
    for name, stream in there.tree.streams(list(wanted)):
        side = wanted[name]
        with reading_file(name):
            if images.get(side) == name:
                files[side] = _images(there, name, side, stream)
            elif side in images and not unlabelled:
                numbers[side] = _labels(there, name, stream)
    in_order = [files[side] for side in sorted(files)]
    return list_arrays(
        there,
        in_order,
        None if unlabelled else _checked(in_order, numbers, labels),
        None,
        layout="IDX",
        pixels_of=partial(_pixels, there),
    )


def _checked(
    files: list[ArrayFile], numbers: Mapping[int, NDArray[np.int64]], labels: Mapping[int, str]
) -> NDArray[np.int64]:
    """The labels of all files, one for each image."""
    if not labels:
        raise without_labels("there are images and no file of labels", files[0].name)
    for file in files:
        if file.side not in labels:
            raise refused(
                "there are no labels for these images",
                code="file_missing",
                hint="bring the file whose name has labels-idx1 for images-idx3",
                file=file.name,
            )
        if len(numbers[file.side]) != file.count:
            what = f"it has {len(numbers[file.side])} labels for {file.count} images"
            raise damaged(labels[file.side], what)
    return np.concatenate([numbers[file.side] for file in files])


def _halves(inside: Mapping[str, str]) -> tuple[dict[int, str], dict[int, str]]:
    """The files of images and of labels by their side; an unpacked one before a packed one."""
    halves: dict[str, dict[int, str]] = {"images": {}, "labels": {}}
    matches = [match for base in sorted(inside) if (match := NAME.fullmatch(base))]
    sets = {match["set"]: match[0] for match in matches}
    if len(sets) > 1:
        raise _conflict("are of different data sets", list(sets.values()))
    for match in matches:
        name = inside[match[0]]
        taken = halves[match["what"].casefold()].setdefault(SIDES[match["split"].casefold()], name)
        if taken.removesuffix(".gz") != name.removesuffix(".gz"):
            raise _conflict("are both of one split", [taken, name])
    return halves["images"], halves["labels"]


def _conflict(what: str, names: list[str]) -> DataInvalid:
    return refused(
        f"these files {what}: {few(names)}",
        code="layout_conflict",
        hint="keep the files of one data set in one folder",
        file=names[1],
    )


@dataclass(frozen=True)
class _Header:
    shape: tuple[int, ...]

    @property
    def start(self) -> int:
        return 4 + 4 * len(self.shape)

    @property
    def end(self) -> int:
        return self.start + math.prod(self.shape)

    @classmethod
    def read(cls, file: IO[bytes], name: str, dimensions: int) -> _Header:
        start = file.read(4 + 4 * dimensions)
        magic = bytes((0, 0, UNSIGNED_BYTES, dimensions))
        if start[:4] != magic:
            what = f"it begins with {start[:4].hex(' ') or 'nothing'} instead of {magic.hex(' ')}"
            raise damaged(name, what)
        if len(start) != 4 + 4 * dimensions:
            raise damaged(name, "its header is cut off")
        sizes = np.frombuffer(start[4:], dtype=">u4").tolist()
        if 0 in sizes:
            raise damaged(name, f"it says that it is empty ({sizes})")
        return cls(tuple(sizes))


def _header(there: Inventory, name: str, stream: IO[bytes], dimensions: int) -> _Header:
    """What the file says of itself, compared with how large it is."""
    size = size_of(stream)
    with _unpacked(stream) as file:
        header = _Header.read(file, name, dimensions)
        if file is not stream:
            check_ratio(name, header.end, size, there.limits)
        elif header.end != size:
            raise damaged(name, f"it claims {header.end} bytes and has {size}")
    stream.seek(0)
    return header


def _body(name: str, stream: IO[bytes], header: _Header) -> NDArray[np.uint8]:
    with _unpacked(stream) as file:
        data = file.read(header.end)
        # At its end a gzipped file has the checksum.
        if len(data) != header.end or file.read(1):
            raise damaged(name, f"it does not have the {header.end} bytes that it claims")
    return np.frombuffer(data, dtype=np.uint8, offset=header.start).reshape(header.shape)


@contextmanager
def _unpacked(stream: IO[bytes]) -> Iterator[IO[bytes]]:
    is_packed = stream.read(len(GZIP)) == GZIP
    stream.seek(0)
    if not is_packed:
        yield stream
        return
    with gzip.GzipFile(fileobj=stream, mode="rb") as file:
        unpacked: Any = file
        yield unpacked


def _images(there: Inventory, name: str, side: int, stream: IO[bytes]) -> ArrayFile:
    header = _header(there, name, stream, IMAGES)
    count, height, width = header.shape
    # Before a byte of pixels is read: at the smallest size that a document can ask for.
    check_room(count, SMALLEST_SIZE, header.end, there.limits)
    check_size(width, height, name, SMALLEST_SIZE, there.limits)
    return ArrayFile(name, side, count, header.end)


def _pixels(there: Inventory, file: ArrayFile, stream: IO[bytes]) -> NDArray[np.uint8]:
    return _body(file.name, stream, _header(there, file.name, stream, IMAGES))


def _labels(there: Inventory, name: str, stream: IO[bytes]) -> NDArray[np.int64]:
    header = _header(there, name, stream, LABELS)
    check_room(header.shape[0], SMALLEST_SIZE, header.end, there.limits)
    return _body(name, stream, header).astype(np.int64)
