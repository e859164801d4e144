"""What the classes are called, and whether the labels are whole numbers of them without a gap."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from kd_core.data.listing import Listing
from kd_core.data.refusal import few, refused

CLASS_NAMES = "/data/class_names"
MIN_CLASSES = 2


def class_names(listing: Listing, given: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """The names that the data brings or the document gives; numbers when neither does."""
    brought = listing.class_names
    if given is not None:
        _check_given(given, brought)
    if listing.labels is None:
        return given or brought
    count = _classes_in(listing.labels)
    names = given or brought or tuple(str(number) for number in range(count))
    if len(names) != count:
        raise refused(
            f"there are {len(names)} class names and labels for {count} classes",
            code="class_count_differs",
            hint="give one name for each label, in the order of the labels, and images for each",
            pointer="/data/dataset" if given is None else CLASS_NAMES,
        )
    return names


def absent_classes(labels: NDArray[np.int64], names: tuple[str, ...]) -> list[str]:
    present = set(np.unique(labels).tolist())
    return [name for number, name in enumerate(names) if number not in present]


def check_every_class(labels: NDArray[np.int64], names: tuple[str, ...], split: str) -> None:
    """Refuse a split in which a class has no image."""
    absent = absent_classes(labels, names)
    if absent:
        raise refused(
            f"classes without an image in the {split} split: {few(absent)}",
            code="empty_class",
            hint="give every class an image in both splits",
        )


def _check_given(given: tuple[str, ...], brought: tuple[str, ...] | None) -> None:
    twice = [name for name, count in Counter(given).items() if count > 1]
    if twice:
        raise refused(
            f"a class name stands twice: {few(twice)}",
            code="class_names_repeat",
            hint="give each class its own name",
            pointer=CLASS_NAMES,
        )
    if brought is not None and given != brought:
        raise refused(
            f"the data names its classes itself: {few(list(brought))}",
            code="class_names_conflict",
            hint="remove data.class_names, or write the data's own names in their order",
            pointer=CLASS_NAMES,
        )


def _classes_in(labels: NDArray[np.int64]) -> int:
    """How many classes there are, from 0 without a gap."""
    present = np.unique(labels)
    if len(present) and present[0] < 0:
        raise refused(
            f"the label {present[0]} is negative",
            code="labels_invalid",
            hint="number the classes from 0; remove samples that have no class",
        )
    gaps = np.flatnonzero(present != np.arange(len(present)))
    if len(gaps):
        raise refused(
            f"no image has the label {gaps[0]}, and the largest label is {present[-1]}",
            code="empty_class",
            hint="number the classes from 0 without a gap",
        )
    if len(present) < MIN_CLASSES:
        raise refused(
            "all images have the same class",
            code="one_class",
            hint="give images of at least two classes, or set data.unlabelled: true",
        )
    return len(present)
