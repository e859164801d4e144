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

from kd_core.data.array_files import damaged, rows_inside
from kd_core.data.decode import ImageDamaged, Square, decode
from kd_core.data.inventory import Inventory
from kd_core.data.layout_reader import Reader
from kd_core.data.listing import TEST, TRAIN, Listing, Rows, Squares, sides_of
from kd_core.data.named_labels import numbered
from kd_core.data.parquet_file import UNLABELLED, Columns, ParquetFile
from kd_core.data.refusal import DATASET, few, refused, without_labels
from kd_core.data.room import SMALLEST_SIZE, check_room
from kd_core.data.split_names import SIDES, WORDS, sides_of_files

SUFFIX = ".parquet"


@dataclass(frozen=True, eq=False)
class _Part:
    name: str
    side: int
    columns: Columns
    rows: int
    labels: NDArray[np.int64] | list[str] | None
    """None when there is no such column, or nobody asked."""

    @property
    def is_labelled(self) -> bool:
        """Competitions publish their test split with -1 for every label, or without the column."""
        if isinstance(self.labels, np.ndarray):
            return bool((self.labels != UNLABELLED).any())
        return self.labels is not None


def recognise(there: Inventory) -> Reader | None:
    names = [name for name in there.files if name.casefold().endswith(SUFFIX)]
    return partial(list_parquet, there, names) if names else None


def list_parquet(there: Inventory, names: Sequence[str], *, unlabelled: bool) -> Listing:
    """The rows of all files: training first, and in each split by the names of the files."""
    parts = _parts(there, names, unlabelled=unlabelled)
    warnings = []
    if not unlabelled:
        tested = [part for part in parts if part.side == TEST and not part.is_labelled]
        parts = [part for part in parts if part not in tested]
        if tested:
            files = [part.name for part in tested]
            warnings.append(f"ignored, a test split without labels ({len(files)}): {few(files)}")
    labels, class_names = (None, None) if unlabelled else _labels(parts, there.source)
    return Listing(
        names=tuple(f"{part.name}[{row}]" for part in parts for row in range(part.rows)),
        labels=labels,
        sides=sides_of([part.side for part in parts], [part.rows for part in parts]),
        class_names=class_names or parts[0].columns.class_names,
        squares=partial(_squares, there, parts),
        content=lambda _: there.tree.digest([part.name for part in parts]),
        layout="Parquet",
        warnings=(*warnings, *_ignored(there, names)),
    )


def _parts(there: Inventory, names: Sequence[str], *, unlabelled: bool) -> list[_Part]:
    _check_one_set(names)
    sides = sides_of_files(list(names))
    parts: list[_Part] = []
    for name, stream in there.tree.streams(names):
        file = ParquetFile(name, stream, there.limits)
        columns, rows = file.describe()
        # Before any image is read: at the smallest size that a document can ask for.
        count = rows + sum(part.rows for part in parts)
        check_room(count, SMALLEST_SIZE, 0, there.limits)
        asked = columns.label is not None and not unlabelled
        labels = file.labels(columns, rows) if asked else None
        parts.append(_Part(name, sides[name], columns, rows, labels))
    parts.sort(key=lambda part: (part.side, part.name))
    if parts[0].side != TRAIN:
        raise refused(
            "there are no training samples",
            code="split_conflict",
            hint="bring a file with train in its name",
            file=parts[0].name,
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


def _labels(
    parts: Sequence[_Part], source: str
) -> tuple[NDArray[np.int64], tuple[str, ...] | None]:
    if all(part.columns.label is None for part in parts):
        raise without_labels("no column is one of labels", source)
    first = parts[0].columns
    for part in parts:
        if (part.columns.label, part.columns.class_names) != (first.label, first.class_names):
            raise refused(
                f"its labels are declared otherwise than those of {parts[0].name}",
                code="columns_differ",
                hint="write all files with the same columns and names of classes",
                file=part.name,
            )
    numbers = [part.labels for part in parts if isinstance(part.labels, np.ndarray)]
    if len(numbers) == len(parts):
        for part, labels in zip(parts, numbers, strict=True):
            _check_labels(part, labels)
        return np.concatenate(numbers), first.class_names
    return numbered([str(label) for part in parts for label in part.labels or ()])


def _check_labels(part: _Part, labels: NDArray[np.int64]) -> None:
    names = part.columns.class_names
    wrong = labels < 0 if names is None else (labels < 0) | (labels >= len(names))
    if wrong.any():
        row = int(np.argmax(wrong))
        among = "" if names is None else f", and there are {len(names)} classes"
        raise damaged(part.name, f"row {row} has the label {labels[row]}{among}")


def _squares(there: Inventory, parts: Sequence[_Part], size: int, rows: Rows) -> Squares:
    firsts = np.cumsum([0, *(part.rows for part in parts)]).tolist()
    by_name = {
        part.name: (part, first, {*inside.tolist()})
        for part, first in zip(parts, firsts, strict=False)
        if len(inside := rows_inside(rows, first, part.rows))
    }
    for name, stream in there.tree.streams(list(by_name)):
        part, first, wanted = by_name[name]
        seen = 0
        for data in ParquetFile(name, stream, there.limits).images(part.columns):
            if seen == part.rows:
                raise damaged(name, f"it has more than the {part.rows} rows that it claims")
            if seen in wanted:
                yield first + seen, _decoded(there, data, f"{name}[{seen}]", size)
            seen += 1
        if seen != part.rows:
            raise damaged(name, f"it has {seen} of the {part.rows} rows that it claims")


def _decoded(there: Inventory, data: bytes | None, name: str, size: int) -> Square | ImageDamaged:
    if data is None:
        hint = "fill or remove the row"
        return ImageDamaged("the row has no image", hint=hint, pointer=DATASET, file=name)
    try:
        return decode(data, name, size, there.limits)
    except ImageDamaged as error:
        return error


def _ignored(there: Inventory, names: Sequence[str]) -> Iterator[str]:
    if there.images:
        yield f"ignored, beside {names[0]} ({len(there.images)}): {few(list(there.images))}"
