"""Parquet in Hugging Face's image layout: rows of an image's bytes and a label.

Recognised by files that end in `.parquet`; each belongs to the split that its name or folder speaks
of (train, validation, test), and to training when none does. The image is the column that the
schema declares as one, or a struct with `bytes`, or binary called image or img; the label is the
column declared as ClassLabel, whose names and order are kept, or one of LABEL_COLUMNS.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from kd_core.data.array_files import damaged
from kd_core.data.decode import ImageDamaged, decode
from kd_core.data.inventory import Inventory
from kd_core.data.layout_reader import Reader
from kd_core.data.listing import TEST, TRAIN, Listing, Squares
from kd_core.data.named_labels import numbered
from kd_core.data.parquet_file import UNLABELLED, Columns, ParquetFile
from kd_core.data.refusal import DATASET, few, refused, without_labels
from kd_core.data.room import SMALLEST_SIZE, check_room
from kd_core.data.split_names import SIDES, WORDS, sides_of_files

SUFFIX = ".parquet"


@dataclass(frozen=True)
class _Part:
    file: ParquetFile
    columns: Columns
    rows: int
    side: int


def recognise(there: Inventory) -> Reader | None:
    names = [name for name in there.files if name.casefold().endswith(SUFFIX)]
    return partial(list_parquet, there, names) if names else None


def list_parquet(there: Inventory, names: Sequence[str], *, unlabelled: bool) -> Listing:
    """The rows of all files: training first, and in each split by the names of the files."""
    parts = _parts(there, names)
    warnings = []
    if not unlabelled:
        tested = [part for part in parts if part.side == TEST and not _is_labelled(part)]
        parts = [part for part in parts if part not in tested]
        if tested:
            files = [part.file.name for part in tested]
            warnings.append(f"ignored, a test split without labels ({len(files)}): {few(files)}")
    labels, class_names = (None, None) if unlabelled else _labels(parts, there.source)
    sides = np.repeat(
        np.array([part.side for part in parts], dtype=np.int8), [part.rows for part in parts]
    )
    return Listing(
        names=tuple(f"{part.file.name}[{row}]" for part in parts for row in range(part.rows)),
        labels=labels,
        sides=sides if sides.any() else None,
        class_names=class_names or parts[0].columns.class_names,
        squares=partial(_squares, there, parts),
        layout="Parquet",
        warnings=(*warnings, *_ignored(there, names)),
    )


def _parts(there: Inventory, names: Sequence[str]) -> list[_Part]:
    _check_one_set(names)
    sides = sides_of_files(list(names))
    parts: list[_Part] = []
    for name in sorted(names, key=lambda name: (sides[name], name)):
        file = ParquetFile(there.tree, name, there.limits)
        columns, rows = file.describe()
        parts.append(_Part(file, columns, rows, sides[name]))
        # Before any image is read: at the smallest size that a document can ask for.
        count = sum(part.rows for part in parts)
        check_room(count, SMALLEST_SIZE, 0, there.limits)
    if parts[0].side != TRAIN:
        raise refused(
            "there are no training samples",
            code="split_conflict",
            hint="bring a file with train in its name",
            file=parts[0].file.name,
        )
    return parts


def _check_one_set(names: Sequence[str]) -> None:
    """A repository may have several configurations, a folder each: those are data sets apart."""
    groups: dict[tuple[str, ...], str] = {}
    for name in names:
        *folders, _ = name.casefold().split("/")
        apart = tuple(folder for folder in folders if not SIDES.keys() & set(WORDS.split(folder)))
        groups.setdefault(apart, name)
    if len(groups) > 1:
        raise refused(
            f"these are files of different data sets: {few(list(groups.values()))}",
            code="layout_conflict",
            hint="name the folder of one of them",
            file=list(groups.values())[1],
        )


def _is_labelled(part: _Part) -> bool:
    """Competitions publish their test split with -1 for every label, or without the column."""
    if part.columns.label is None:
        return False
    labels = part.file.labels(part.columns, part.rows)
    return not isinstance(labels, np.ndarray) or bool((labels != UNLABELLED).any())


def _labels(
    parts: Sequence[_Part], source: str
) -> tuple[NDArray[np.int64], tuple[str, ...] | None]:
    if all(part.columns.label is None for part in parts):
        raise without_labels("no column is one of labels", source)
    first = parts[0].columns
    for part in parts:
        if (part.columns.label, part.columns.class_names) != (first.label, first.class_names):
            raise refused(
                f"its labels are declared otherwise than those of {parts[0].file.name}",
                code="columns_differ",
                hint="write all files with the same columns and names of classes",
                file=part.file.name,
            )
    columns = [part.file.labels(part.columns, part.rows) for part in parts]
    numbers = [column for column in columns if isinstance(column, np.ndarray)]
    if len(numbers) == len(columns):
        for part, labels in zip(parts, numbers, strict=True):
            _check_labels(part, labels)
        return np.concatenate(numbers), first.class_names
    return numbered([str(label) for column in columns for label in column])


def _check_labels(part: _Part, labels: NDArray[np.int64]) -> None:
    names = part.columns.class_names
    wrong = labels < 0 if names is None else (labels < 0) | (labels >= len(names))
    if wrong.any():
        row = int(np.argmax(wrong))
        among = "" if names is None else f", and there are {len(names)} classes"
        raise damaged(part.file.name, f"row {row} has the label {labels[row]}{among}")


def _squares(there: Inventory, parts: Sequence[_Part], size: int) -> Squares:
    first = 0
    for part in parts:
        row = 0
        for data in part.file.images(part.columns):
            name = f"{part.file.name}[{row}]"
            if row == part.rows:
                raise damaged(part.file.name, f"it has more than the {part.rows} rows it claims")
            try:
                yield first + row, decode(_present(data, name), name, size, there.limits)
            except ImageDamaged as error:
                yield first + row, error
            row += 1
        if row != part.rows:
            raise damaged(part.file.name, f"it has {row} of the {part.rows} rows that it claims")
        first += part.rows


def _present(data: bytes | None, name: str) -> bytes:
    if data is None:
        hint = "fill or remove the row"
        raise ImageDamaged("the row has no image", hint=hint, pointer=DATASET, file=name)
    return data


def _ignored(there: Inventory, names: Sequence[str]) -> Iterator[str]:
    if there.images:
        yield f"ignored, beside {names[0]} ({len(there.images)}): {few(list(there.images))}"
