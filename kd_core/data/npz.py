"""NumPy archives: `images` and `labels`, or the same for `train_`, `val_` and `test_`. Nothing is
unpickled, and no array is made before its header was compared with the bytes that are there.
"""

from __future__ import annotations

import math
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from kd_core.data.archives import check_member_bytes, reading
from kd_core.data.array_files import rows_inside
from kd_core.data.decode import check_size, square_of
from kd_core.data.limits import Limits
from kd_core.data.listing import TEST, TRAIN, VALIDATION, Listing, Rows, Squares, sides_of
from kd_core.data.refusal import few, refused, without_labels
from kd_core.data.room import SMALLEST_SIZE, check_room
from kd_core.data.zip_tree import check_member, opened
from kd_core.errors import DataInvalid
from kd_core.files import sha256_of
from kd_core.spec import DataSource

SUFFIX = ".npy"
SIDES = {"": TRAIN, "train_": TRAIN, "val_": VALIDATION, "test_": TEST}
ONE, SPLITS = ("",), ("train_", "val_", "test_")
CLASS_NAMES = "class_names"
GREY, RGB = 1, 3
HEADER_READERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


@dataclass(frozen=True)
class _Header:
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def size_bytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize

    def __str__(self) -> str:
        return f"{self.dtype} {list(self.shape)}"


def list_npz(path: Path, source: DataSource, limits: Limits) -> Listing:
    """The samples in the order of their rows; a validation split follows the training split."""
    with opened(path, limits) as archive:
        file = _File(archive, path, limits)
        prefixes = _prefixes(file)
        images = [_image_header(file, f"{prefix}images") for prefix in prefixes]
        counts = [header.shape[0] for header in images]
        raw_bytes = max(header.size_bytes for header in images)
        check_room(sum(counts), SMALLEST_SIZE, raw_bytes, limits)
        labels = None if source.unlabelled else _labels(file, prefixes, counts)
        names = _class_names(file) if CLASS_NAMES in file.members else None
    return Listing(
        names=tuple(f"{image.name}[{row}]" for image in images for row in range(image.shape[0])),
        labels=labels,
        sides=sides_of([SIDES[prefix] for prefix in prefixes], counts),
        class_names=names,
        squares=partial(_squares, path, images, limits),
        content=lambda _: sha256_of(path),
        layout="npz",
        warnings=_warnings(file, prefixes),
        working_bytes=raw_bytes,
    )


class _File:
    """The arrays of an open npz by name, headers checked before bodies are read."""

    def __init__(self, archive: zipfile.ZipFile, path: Path, limits: Limits) -> None:
        self._archive = archive
        self._limits = limits
        self.path = path
        self.others = [i.filename for i in archive.infolist() if not i.filename.endswith(SUFFIX)]
        self.members: dict[str, zipfile.ZipInfo] = {}
        for info in archive.infolist():
            if info.filename.endswith(SUFFIX):
                name = info.filename.removesuffix(SUFFIX)
                if name in self.members:
                    raise _invalid(name, "stands twice in the file", "write the file again")
                self.members[name] = info

    def header(self, name: str) -> _Header:
        info = self.members[name]
        check_member(name, info)
        with reading(self.path), self._archive.open(info) as member, _quiet():
            version = npy.read_magic(member)
            if version not in HEADER_READERS:
                raise zipfile.BadZipFile(f"{name} has the .npy version {version}")
            shape, _, dtype = HEADER_READERS[version](member)
            header = _Header(name, shape, dtype)
            if dtype.hasobject:
                hint = "convert it to a plain array before np.savez"
                raise _invalid(name, "holds Python objects, which are never loaded", hint)
            if min(shape, default=0) < 0 or member.tell() + header.size_bytes != info.file_size:
                raise zipfile.BadZipFile(f"{name} claims {header} and has {info.file_size} bytes")
        return header

    def array(self, name: str) -> NDArray[Any]:
        """Only after `header` was looked at: this makes room for the whole array."""
        with reading(self.path), self._archive.open(self.members[name]) as member, _quiet():
            array: NDArray[Any] = npy.read_array(member, allow_pickle=False)
        return array

    def small_array(self, header: _Header) -> NDArray[Any]:
        check_member_bytes(header.name, header.size_bytes, self._limits)
        return self.array(header.name)


def _quiet() -> warnings.catch_warnings[None]:
    """NumPy warns of files that Python 2 wrote; they are read all the same."""
    return warnings.catch_warnings(action="ignore")


def _squares(
    path: Path, headers: Sequence[_Header], limits: Limits, size: int, rows: Rows
) -> Squares:
    first = 0
    with opened(path, limits) as archive:
        file = _File(archive, path, limits)
        for header in headers:
            count, height, width, *_ = header.shape
            check_size(width, height, header.name, size, limits)
            inside = rows_inside(rows, first, count)
            pixels = file.array(header.name) if len(inside) else ()
            for row in inside.tolist():
                yield first + row, square_of(pixels[row], size)
            first += count


def _prefixes(file: _File) -> tuple[str, ...]:
    """Which of the two spellings the file uses."""
    own_split = [prefix for prefix in SPLITS if f"{prefix}images" in file.members]
    if own_split and "images" in file.members:
        beside = f"stands beside {own_split[0]}images"
        raise _invalid("images", beside, "keep one of the two spellings")
    # A test split alone leaves validation to be drawn; half of the usual pair is a mistake.
    prefixes = tuple(own_split) if len(own_split) > 1 and SPLITS[0] in own_split else SPLITS[:2]
    prefixes = prefixes if own_split else ONE
    _require(file, [f"{prefix}images" for prefix in prefixes])
    return prefixes


def _require(file: _File, names: Sequence[str]) -> None:
    missing = [name for name in names if name not in file.members]
    if missing:
        raise refused(
            f"the file has no array {few(missing)}; it has: {_there(file)}",
            code="array_missing",
            hint="name the arrays images and labels, or train_images, train_labels, val_images "
            "and val_labels",
            file=str(file.path),
        )


def _there(file: _File) -> str:
    return few(sorted(file.members)) or "none"


def _image_header(file: _File, name: str) -> _Header:
    header = file.header(name)
    if header.dtype != np.uint8:
        hint = "store bytes: for values from 0 to 1, (images * 255).round().astype('uint8')"
        raise _invalid(name, f"must be uint8; it is {header}", hint)
    grey = len(header.shape) == 3  # noqa: PLR2004 - an axis each for sample, row and column
    colour = len(header.shape) == 4 and header.shape[3] in (GREY, RGB)  # noqa: PLR2004
    if not (grey or colour):
        raise _invalid(
            name,
            f"must be [N, H, W], [N, H, W, 1] or [N, H, W, 3]; it is {list(header.shape)}",
            "for channels first: images.transpose(0, 2, 3, 1)",
        )
    if 0 in header.shape:
        raise _invalid(name, f"is empty; it is {list(header.shape)}", "put images into it")
    return header


def _labels(file: _File, prefixes: Sequence[str], counts: Sequence[int]) -> NDArray[np.int64]:
    names = [f"{prefix}labels" for prefix in prefixes]
    if not any(name in file.members for name in names):
        reason = f"there is no array {' or '.join(names)}; the file has: {_there(file)}"
        raise without_labels(reason, str(file.path))
    _require(file, names)
    pairs = zip(names, counts, strict=True)
    return np.concatenate([_label_array(file, name, count) for name, count in pairs])


def _label_array(file: _File, name: str, count: int) -> NDArray[np.int64]:
    header = file.header(name)
    if header.dtype.kind not in "iu" or header.shape not in ((count,), (count, 1)):
        raise _invalid(
            name,
            f"must be integers [{count}], one for each image; it is {header}",
            "store one class index for each image",
        )
    labels = file.small_array(header).reshape(-1)
    if labels.max() >= np.iinfo(np.int64).max:
        raise _invalid(name, f"has the value {labels.max()}", "number the classes from 0")
    return labels.astype(np.int64)


def _class_names(file: _File) -> tuple[str, ...]:
    header = file.header(CLASS_NAMES)
    if header.dtype.kind != "U" or len(header.shape) != 1:
        hint = "store np.array(['cat', 'dog'])"
        raise _invalid(CLASS_NAMES, f"must be a list of texts; it is {header}", hint)
    names = tuple(str(name) for name in file.small_array(header))
    if len(set(names)) != len(names) or "" in names:
        raise _invalid(CLASS_NAMES, "has a name twice or an empty name", "give each its own")
    return names


def _warnings(file: _File, prefixes: Sequence[str]) -> tuple[str, ...]:
    used = {f"{prefix}{noun}" for prefix in prefixes for noun in ("images", "labels")}
    ignored = sorted(file.members.keys() - used - {CLASS_NAMES}) + file.others
    return (f"ignored, unknown arrays ({len(ignored)}): {few(ignored)}",) if ignored else ()


def _invalid(name: str, what: str, hint: str) -> DataInvalid:
    return refused(f"the array {name} {what}", code="array_invalid", hint=hint, file=name)


def is_npz(members: Sequence[str]) -> bool:
    """Whether these are the members of an npz rather than of an image folder."""
    return bool(members) and all(name.endswith(SUFFIX) for name in members)
