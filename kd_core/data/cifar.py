"""CIFAR-10 and CIFAR-100 in their binary version: labels and 32 x 32 pixels, byte by byte.

Recognised by `data_batch_<n>.bin` (10) or `fine_label_names.txt` (100). The order of the classes is
that of `batches.meta.txt` or `fine_label_names.txt`; of the two labels of CIFAR-100 the fine one is
taken. `test_batch.bin` or `test.bin` is the test split. The Python version is refused: it is made
of pickles, which can run any program.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import IO

import numpy as np
from numpy.typing import NDArray

from kd_core.data.array_files import (
    ArrayFile,
    check_names,
    damaged,
    list_arrays,
    reading_file,
    size_of,
)
from kd_core.data.inventory import Inventory
from kd_core.data.layout_reader import Reader
from kd_core.data.listing import TEST, TRAIN, Listing
from kd_core.data.refusal import refused
from kd_core.data.room import SMALLEST_SIZE, check_room

SIDE = 32
PIXEL_BYTES = 3 * SIDE * SIDE


@dataclass(frozen=True)
class Kind:
    name: str
    mark: re.Pattern[str]
    train: re.Pattern[str]
    test: str
    class_names: str
    pickles: frozenset[str]
    label_bytes: int
    """The last of them is the label."""

    @property
    def record_bytes(self) -> int:
        return self.label_bytes + PIXEL_BYTES


CIFAR_10 = Kind(
    name="CIFAR-10",
    mark=re.compile(r"data_batch_[0-9]+\.bin"),
    train=re.compile(r"data_batch_([0-9]+)\.bin"),
    test="test_batch.bin",
    class_names="batches.meta.txt",
    pickles=frozenset({"data_batch_1", "batches.meta"}),
    label_bytes=1,
)
CIFAR_100 = Kind(
    name="CIFAR-100",
    mark=re.compile(r"fine_label_names\.txt"),
    train=re.compile(r"train\.bin"),
    test="test.bin",
    class_names="fine_label_names.txt",
    pickles=frozenset({"train", "test", "meta"}),
    label_bytes=2,
)


def recognise_10(there: Inventory) -> Reader | None:
    return _recognise(there, CIFAR_10)


def recognise_100(there: Inventory) -> Reader | None:
    return _recognise(there, CIFAR_100)


def _recognise(there: Inventory, kind: Kind) -> Reader | None:
    folder = there.folder_with(lambda name: kind.mark.fullmatch(name) is not None, kind.name)
    if folder is not None:
        return partial(_list, there, folder, kind)
    _refuse_pickles(there, kind)
    return None


def _refuse_pickles(there: Inventory, kind: Kind) -> None:
    if there.images:
        return
    by_folder: dict[str, set[str]] = {}
    for name in there.files:
        folder, _, base = name.rpartition("/")
        by_folder.setdefault(folder, set()).add(base)
    for folder, names in by_folder.items():
        if kind.pickles <= names:
            raise refused(
                f"this is the Python version of {kind.name}, whose files are pickles; a pickle "
                "can run any program, so none is opened",
                code="pickle_refused",
                hint=f"take the binary version of {kind.name} (a .tar.gz with .bin files), or save "
                "images and labels as an .npz",
                file=folder or there.source,
            )


def _list(there: Inventory, folder: str, kind: Kind, *, unlabelled: bool) -> Listing:
    inside = there.inside(folder)
    sides = dict(_sides(inside, kind, folder))
    names = _class_names(there, inside, kind)
    files: dict[str, ArrayFile] = {}
    labels: dict[str, NDArray[np.int64]] = {}
    for name, stream in there.tree.streams(list(sides)):
        with reading_file(name):
            files[name] = _file(name, sides[name], size_of(stream), kind)
            # Before a byte of pixels is read: at the smallest size a document can ask for.
            count = sum(file.count for file in files.values())
            check_room(count, SMALLEST_SIZE, 0, there.limits)
            labels[name] = _labels(files[name], stream, kind, names)
    return list_arrays(
        there,
        [files[name] for name in sides],
        None if unlabelled else np.concatenate([labels[name] for name in sides]),
        names,
        layout=kind.name,
        pixels_of=partial(_pixels, kind),
    )


def _sides(inside: Mapping[str, str], kind: Kind, folder: str) -> Iterator[tuple[str, int]]:
    """The batches by their numbers, none missing, and the test batch."""
    numbered = sorted(
        (int(match[1]) if match.groups() else 1, base)
        for base in inside
        if (match := kind.train.fullmatch(base))
    )
    for expected, (number, base) in enumerate(numbered, start=1):
        if number != expected:
            raise refused(
                f"batch {expected} is missing: the files go on with {base}",
                code="file_missing",
                hint=f"copy {kind.name} again",
                file=folder or base,
            )
        yield inside[base], TRAIN
    if not numbered:
        raise refused(
            "the file train.bin is missing",
            code="file_missing",
            hint=f"copy {kind.name} again",
            file=folder or kind.class_names,
        )
    if kind.test in inside:
        yield inside[kind.test], TEST


def _file(name: str, side: int, size: int, kind: Kind) -> ArrayFile:
    count, rest = divmod(size, kind.record_bytes)
    if rest or not count:
        raise damaged(name, f"{size} bytes are not a number of images of {kind.record_bytes}")
    return ArrayFile(name, side, count, size)


def _records(stream: IO[bytes], kind: Kind) -> NDArray[np.uint8]:
    return np.frombuffer(stream.read(), dtype=np.uint8).reshape(-1, kind.record_bytes)


def _pixels(kind: Kind, _: ArrayFile, stream: IO[bytes]) -> NDArray[np.uint8]:
    planes = _records(stream, kind)[:, kind.label_bytes :].reshape(-1, 3, SIDE, SIDE)
    return planes.transpose(0, 2, 3, 1)


def _labels(
    file: ArrayFile, stream: IO[bytes], kind: Kind, names: tuple[str, ...] | None
) -> NDArray[np.int64]:
    labels = _records(stream, kind)[:, kind.label_bytes - 1].astype(np.int64)
    if names is not None and labels.max() >= len(names):
        row = int(np.argmax(labels >= len(names)))
        what = f"image {row} has the label {labels[row]}, and there are {len(names)} classes"
        raise damaged(file.name, what)
    return labels


def _class_names(there: Inventory, inside: Mapping[str, str], kind: Kind) -> tuple[str, ...] | None:
    if kind.class_names not in inside:
        return None
    name = inside[kind.class_names]
    return check_names([line for line in there.lines(name) if line], name)
