"""ImageNet's way to label validation: images without class folders, and a list beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kd_core.data.folder_layout import Layout
from kd_core.data.inventory import Inventory
from kd_core.data.listing import VALIDATION
from kd_core.data.refusal import few, refused
from kd_core.errors import DataInvalid

# Tiny-ImageNet's, Kaggle's ImageNet, Caffe's and TensorFlow's.
NAMES = (
    "val_annotations.txt",
    "loc_val_solution.csv",
    "val.txt",
    "val_map.txt",
    "imagenet_2012_validation_synset_labels.txt",
)
DEVKIT = "ilsvrc2012_validation_ground_truth.txt"
# What comes with Tiny-ImageNet and ImageNet and is not needed.
COMPANIONS = re.compile(
    r"(wnids|words|LOC_synset_mapping|.*_boxes)\.txt|LOC_(train_solution|sample_submission)\.csv"
)
HEADER = "imageid"
SEPARATORS = re.compile(r"[,\s]+")


@dataclass(frozen=True)
class ValidationList:
    there: Inventory
    name: str

    @property
    def kind(self) -> str:
        return _base(self.name)

    def brings(self, name: str) -> bool:
        """Whether this file is the list, or one that is published with it."""
        return name == self.name or COMPANIONS.fullmatch(_base(name)) is not None

    def classes(
        self, images: Sequence[str], layout: Layout, names: Sequence[str]
    ) -> Mapping[str, int]:
        """The class of each validation image, by its full name."""
        held_out = [name for name in images if layout.side_of(name) == VALIDATION]
        numbers = {name: number for number, name in enumerate(names)}
        rows = self._rows()
        if rows and all(len(words) == 1 for _, words in rows):
            return self._in_order(rows, held_out, numbers)
        listed: dict[str, int] = {}
        for line, words in rows:
            if len(words) == 1:
                raise self._odd(line, f"names no class for {words[0]}")
            listed[_stem(words[0])] = self._class(line, words[1], numbers)
        return self._matched(listed, held_out)

    def _rows(self) -> list[tuple[int, list[str]]]:
        lines = enumerate(self.there.lines(self.name), start=1)
        rows = [(number, SEPARATORS.split(line)) for number, line in lines if line]
        return rows[1:] if rows and rows[0][1][0].casefold() == HEADER else rows

    def _matched(self, listed: Mapping[str, int], held_out: Sequence[str]) -> Mapping[str, int]:
        unlisted = [name for name in held_out if _stem(name) not in listed]
        if unlisted:
            raise refused(
                f"validation images that are not in the list ({len(unlisted)}): {few(unlisted)}",
                code="image_without_class",
                hint="remove them, or take the list as it was published",
                file=self.name,
            )
        missing = sorted(listed.keys() - {_stem(name) for name in held_out})
        if missing:
            raise refused(
                f"the list names images that are not there ({len(missing)}): {few(missing)}",
                code="image_missing",
                hint="copy the validation images again, or take their lines out of the list",
                file=self.name,
            )
        return {name: listed[_stem(name)] for name in held_out}

    def _in_order(
        self,
        rows: Sequence[tuple[int, Sequence[str]]],
        held_out: Sequence[str],
        numbers: Mapping[str, int],
    ) -> Mapping[str, int]:
        if len(rows) != len(held_out):
            raise refused(
                f"the list has {len(rows)} classes for {len(held_out)} validation images",
                code="list_damaged",
                hint="there must be one line for each image, in the order of their names",
                file=self.name,
            )
        pairs = zip(sorted(held_out), rows, strict=True)
        return {name: self._synset(line, words[0], numbers) for name, (line, words) in pairs}

    def _synset(self, line: int, word: str, numbers: Mapping[str, int]) -> int:
        if word not in numbers:
            raise self._odd(line, f"names the class {word!r}, which has no folder in train")
        return numbers[word]

    def _class(self, line: int, word: str, numbers: Mapping[str, int]) -> int:
        """By its folder, or by its place among the sorted folders."""
        is_number = word.isascii() and word.isdigit() and len(word) < len(str(len(numbers))) + 1
        if word not in numbers and is_number and int(word) < len(numbers):
            return int(word)
        return self._synset(line, word, numbers)

    def _odd(self, line: int, what: str) -> DataInvalid:
        return refused(
            f"line {line} {what}",
            code="list_damaged",
            hint="write the file name of an image and the folder of its class into each line",
            file=self.name,
        )


def is_flat(layout: Layout, images: Sequence[str], classes: set[str]) -> bool:
    """Whether no validation image lies in the folder of a class."""
    tops = {layout.below(name)[0] for name in images if layout.side_of(name) == VALIDATION}
    return bool(tops) and not tops & classes


def find_list(there: Inventory, layout: Layout) -> ValidationList | None:
    """The one list in `val` itself or in a folder around it."""
    around = (layout.validation or "").rstrip("/").split("/")
    folders = {"", *("/".join(around[:depth]) + "/" for depth in range(1, len(around) + 1))}
    near = [name for name in there.files if name.removesuffix(_base(name)) in folders]
    found = [name for name in near if _base(name).casefold() in NAMES]
    if len(found) > 1:
        raise refused(
            f"there are {len(found)} lists of validation labels: {few(found)}",
            code="layout_conflict",
            hint="keep one of them",
            file=found[1],
        )
    devkit = [name for name in near if _base(name).casefold() == DEVKIT]
    if devkit and not found:
        raise refused(
            "this list has the devkit's own class numbers, which only its meta.mat explains",
            code="list_unreadable",
            hint="bring LOC_val_solution.csv, or a val.txt with a file name and the folder of its "
            "class in each line",
            file=devkit[0],
        )
    return ValidationList(there, found[0]) if found else None


def no_list(layout: Layout) -> DataInvalid:
    return refused(
        "the validation images lie in no class folders, and there is no list of their classes",
        code="image_without_class",
        hint=f"bring {', '.join(NAMES)}, or move the images into class folders",
        file=layout.validation,
    )


def _base(name: str) -> str:
    return name.rpartition("/")[2]


def _stem(name: str) -> str:
    stem, dot, _ = _base(name).rpartition(".")
    return stem if dot else _base(name)
