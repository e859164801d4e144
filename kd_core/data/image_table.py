"""Images with a table beside them: a .csv or .tsv with a column of files and one of labels.

Recognised by the header of a table at the top or one folder below it: one column of FILE_COLUMNS
and one of LABEL_COLUMNS. Each file is the path of an image from the table's folder, or the end of
one image's path. A column `split`, or a table for each split (train.csv, val.csv,
test.csv), brings the splits.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import StringIO

import numpy as np

from kd_core.data.folder_layout import layout_of
from kd_core.data.image_folder import image_content, image_squares
from kd_core.data.inventory import Inventory
from kd_core.data.layout_reader import Reader
from kd_core.data.listing import Listing
from kd_core.data.named_labels import numbered
from kd_core.data.refusal import few, refused
from kd_core.data.split_names import SIDES, sides_of_files
from kd_core.errors import DataInvalid

SUFFIXES = (".csv", ".tsv")
DELIMITERS = ",;\t"
FILE_COLUMNS = (
    "file_name", "filename", "file", "file_path", "filepath", "path", "image", "image_path",
    "image_name", "image_file", "img",
)  # fmt: skip
LABEL_COLUMNS = ("label", "class", "class_name", "category", "target")
SPLIT_COLUMNS = ("split", "subset")
LONGEST_LABEL = 200
LONGEST_HEADER = 10_000


@dataclass(frozen=True)
class _Table:
    name: str
    delimiter: str
    file: int
    """The columns, from 0."""
    label: int
    split: int | None
    width: int


@dataclass(frozen=True)
class _Row:
    image: str
    label: str
    side: int


def recognise(there: Inventory) -> Reader | None:
    tables = [table for name, line in _headers(there) if (table := _table(name, line))]
    return partial(_list, there, tables) if tables else None


def _headers(there: Inventory) -> Iterator[tuple[str, str]]:
    """The first line of each table at the top, or one folder below it. What it is made of is
    judged later: not every .csv beside images is about them.
    """
    depth = there.top().count("/") + 1
    tables = [name for name in there.files if name.casefold().endswith(SUFFIXES)]
    near = [name for name in tables if name.count("/") <= depth]
    if near and there.images:
        for name, data in there.tree.contents(near):
            first = data[:LONGEST_HEADER].decode("utf-8-sig", "replace").splitlines()
            yield name, first[0] if first else ""


def _table(name: str, header: str) -> _Table | None:
    """None when its header does not say that it is one of images and labels."""
    delimiter = max(DELIMITERS, key=header.count)
    titles = [title.strip(' "').casefold() for title in header.split(delimiter)]
    files, labels, splits = (
        [column for column, title in enumerate(titles) if title in known]
        for known in (FILE_COLUMNS, LABEL_COLUMNS, SPLIT_COLUMNS)
    )
    if not files or not labels:
        return None
    for columns in (files, labels, splits):
        if len(columns) > 1:
            raise refused(
                f"two columns say the same: {' and '.join(titles[column] for column in columns)}",
                code="table_unclear",
                hint="rename the one that is not meant",
                file=name,
            )
    return _Table(name, delimiter, files[0], labels[0], splits[0] if splits else None, len(titles))


def _list(there: Inventory, tables: Sequence[_Table], *, unlabelled: bool) -> Listing:
    if len(tables) > 1 and any(table.split is not None for table in tables):
        raise _several([table.name for table in tables])
    sides = sides_of_files([table.name for table in tables])
    if len(set(sides.values())) != len(tables):
        raise _several([table.name for table in tables])
    if len(tables) == 1 and tables[0].split is None:
        _check_no_folders(there, tables[0].name)
    images = _Images(there)
    in_order = sorted(tables, key=lambda table: sides[table.name])
    rows = [row for table in in_order for row in _rows(there, table, sides[table.name], images)]
    if not rows:
        raise _odd(in_order[0].name, "the table has no row")
    labels, names = numbered([row.label for row in rows])
    of_rows = np.array([row.side for row in rows], dtype=np.int8)
    paths = tuple(row.image for row in rows)
    return Listing(
        names=paths,
        labels=None if unlabelled else labels,
        sides=of_rows if of_rows.any() else None,
        class_names=names,
        squares=partial(image_squares, there, paths),
        content=partial(image_content, there, paths),
        at_random=there.tree.at_random,
        layout="images with a table",
        warnings=tuple(_warnings(there, paths, tables)),
    )


def _rows(there: Inventory, table: _Table, side: int, images: _Images) -> Iterator[_Row]:
    reader = csv.reader(
        StringIO(there.text(table.name), newline=""), delimiter=table.delimiter, strict=True
    )
    try:
        next(reader)
        for words in reader:
            if any(words):
                yield _row(table, reader.line_num, words, side, images)
    except csv.Error as error:
        raise _odd(table.name, f"line {reader.line_num} cannot be read: {error}") from None


def _row(table: _Table, line: int, words: Sequence[str], side: int, images: _Images) -> _Row:
    if len(words) != table.width:
        raise _odd(table.name, f"line {line} has {len(words)} of {table.width} columns")
    image = images.take(words[table.file].strip(), table.name, line)
    label = words[table.label].strip()
    if not 0 < len(label) <= LONGEST_LABEL or not label.isprintable():
        raise _odd(table.name, f"line {line} has no label that can be shown: {label[:40]!r}")
    if table.split is not None:
        split = words[table.split].strip()
        if split.casefold() not in SIDES:
            raise _odd(
                table.name, f"line {line} has the split {split[:40]!r}, not {few(list(SIDES))}"
            )
        side = SIDES[split.casefold()]
    return _Row(image, label, side)


class _Images:
    """The images of a tree, each taken once, by what a table calls it."""

    def __init__(self, there: Inventory) -> None:
        self._known = set(there.images)
        self._by_base: dict[str, list[str]] = {}
        for name in there.images:
            self._by_base.setdefault(name.rpartition("/")[2], []).append(name)
        self._taken: dict[str, str] = {}

    def take(self, path: str, table: str, line: int) -> str:
        name = self._find(path.replace("\\", "/").removeprefix("./"), table, line)
        place = f"line {line} of {table}"
        if name in self._taken:
            raise _odd(table, f"line {line} names {name}, and so does {self._taken[name]}")
        self._taken[name] = place
        return name

    def _find(self, path: str, table: str, line: int) -> str:
        beside = table[: table.rfind("/") + 1] + path
        if beside in self._known:
            return beside
        ends = [name for name in self._by_base.get(path.rpartition("/")[2], ())
                if f"/{name}".endswith(f"/{path}")]  # fmt: skip
        if len(ends) > 1:
            raise _odd(table, f"line {line}: {path} may be any of {few(ends)}")
        if not ends:
            raise refused(
                f"line {line} names an image that is not there: {path[:200]!r}",
                code="image_missing",
                hint="write paths from the folder of the table, and bring every image",
                file=table,
            )
        return ends[0]


def _check_no_folders(there: Inventory, table: str) -> None:
    """A table beside train/ and val/ that says nothing of splits would mix the two."""
    layout = layout_of(there.images, there.folders, unlabelled=True)
    if len(layout.sides) > 1:
        raise refused(
            "the images lie in folders of splits, and the table does not say which is which",
            code="split_conflict",
            hint="give the table a column split, or move it away to go by the folders",
            file=table,
        )


def _several(names: list[str]) -> DataInvalid:
    return refused(
        f"there is more than one table of images: {few(names)}",
        code="layout_conflict",
        hint="keep one, with a column split, or one for each of train, val and test",
        file=names[1],
    )


def _odd(table: str, what: str) -> DataInvalid:
    hint = "mend the table, or remove the line"
    return refused(what, code="table_damaged", hint=hint, file=table)


def _warnings(there: Inventory, paths: Sequence[str], tables: Sequence[_Table]) -> Iterator[str]:
    used = {*paths}
    unused = [name for name in there.images if name not in used]
    known = {*there.images, *(table.name for table in tables)}
    others = [name for name in there.files if name not in known]
    if others:
        yield f"ignored, not images ({len(others)}): {few(others)}"
    if unused:
        yield f"ignored, in no table ({len(unused)}): {few(unused)}"
