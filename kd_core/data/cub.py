"""CUB-200-2011: images in `images/`, and four lists that say what they are.

Recognised by `image_class_labels.txt`, with `images.txt`, `classes.txt` and, for the test split,
`train_test_split.txt` beside it. The classes are in the order of `classes.txt`. Boxes, parts and
attributes are not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from kd_core.data.array_files import check_names
from kd_core.data.image_folder import image_content, image_squares
from kd_core.data.inventory import Inventory
from kd_core.data.layout_reader import Reader
from kd_core.data.listing import TEST, TRAIN, Listing
from kd_core.data.refusal import few, refused
from kd_core.errors import DataInvalid

IMAGES, LABELS, CLASSES = "images.txt", "image_class_labels.txt", "classes.txt"
SPLIT = "train_test_split.txt"
FOLDER = "images/"
IS_TRAINING = {"0": TEST, "1": TRAIN}


def recognise(there: Inventory) -> Reader | None:
    folder = there.folder_with(LABELS.__eq__, "list of class labels")
    return None if folder is None else partial(_list, there, folder)


def _list(there: Inventory, folder: str, *, unlabelled: bool) -> Listing:
    inside = there.inside(folder)
    images = _column(there, inside, IMAGES, folder)
    classes = _column(there, inside, CLASSES, folder)
    labels = _column(there, inside, LABELS, folder)
    names = _paths(there, images, folder, inside[IMAGES])
    numbers = {number: row for row, number in enumerate(classes)}
    _check_known(labels, numbers, images, inside[LABELS])
    sides = None
    if SPLIT in inside:
        split = _column(there, inside, SPLIT, folder)
        _check_known(split, IS_TRAINING, images, inside[SPLIT])
        sides = np.array([IS_TRAINING[split[image]] for image in images], dtype=np.int8)
    return Listing(
        names=names,
        labels=None if unlabelled else np.array([numbers[labels[i]] for i in images]),
        sides=sides,
        class_names=check_names(list(classes.values()), inside[CLASSES]),
        squares=partial(image_squares, there, names),
        content=partial(image_content, there, names),
        at_random=there.tree.at_random,
        layout="CUB-200-2011",
        warnings=_warnings(there, names),
    )


def _column(there: Inventory, inside: Mapping[str, str], list_: str, folder: str) -> dict[str, str]:
    """The second word of each line by the first."""
    if list_ not in inside:
        raise refused(
            f"the list {list_} is missing",
            code="file_missing",
            hint="copy the data set again",
            file=folder or there.source,
        )
    words: dict[str, str] = {}
    for number, (key, value) in there.rows(inside[list_], columns=2):
        if key in words:
            raise _odd(inside[list_], f"line {number} names {key} once more")
        words[key] = value
    if not words:
        raise _odd(inside[list_], "the list is empty")
    return words


def _paths(there: Inventory, images: Mapping[str, str], folder: str, file: str) -> tuple[str, ...]:
    known = set(there.images)
    names = tuple(f"{folder}{FOLDER}{path}" for path in images.values())
    missing = [name for name in names if name not in known]
    if missing:
        raise refused(
            f"images that are listed and not there ({len(missing)}): {few(missing)}",
            code="image_missing",
            hint="copy the images again",
            file=file,
        )
    if len(set(names)) != len(names):
        raise _odd(file, "it lists an image twice")
    return names


def _check_known(
    column: Mapping[str, str], values: Mapping[str, int], images: Mapping[str, str], file: str
) -> None:
    """Each image has a value, each value is known, and there is none too many."""
    if column.keys() != images.keys():
        odd = sorted(column.keys() ^ images.keys())
        raise _odd(file, f"it does not list the images of {IMAGES}; different: {few(odd)}")
    strange = sorted(set(column.values()) - values.keys())
    if strange:
        raise _odd(file, f"it has values that mean nothing: {few(strange)}")


def _odd(file: str, what: str) -> DataInvalid:
    hint = "take the list as it was published"
    return refused(what, code="list_damaged", hint=hint, file=file)


def _warnings(there: Inventory, names: tuple[str, ...]) -> tuple[str, ...]:
    used = set(names)
    unused = [name for name in there.images if name not in used]
    return (f"ignored, not listed ({len(unused)}): {few(unused)}",) if unused else ()
