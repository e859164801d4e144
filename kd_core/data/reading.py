"""From the data section of a document to the samples that training reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kd_core.data.classes import absent_classes, check_every_class, class_names
from kd_core.data.dataset import DataSet, Samples, digest_of
from kd_core.data.decoded import decode_all
from kd_core.data.limits import LIMITS, Limits
from kd_core.data.listing import SIDE_NAMES, TEST, TRAIN, VALIDATION, Listing
from kd_core.data.refusal import few, refused
from kd_core.data.report import report_of
from kd_core.data.room import check_room
from kd_core.data.sources import list_source
from kd_core.data.splits import check_sizes, held_out_by_class, held_out_of_all
from kd_core.spec import DataSource, Split

Sides = NDArray[np.int8]
Names = tuple[str, ...] | None


def read(source: DataSource, base: Path, limits: Limits = LIMITS) -> DataSet:
    """The data set, checked whole, split and decoded. `base` is where a relative path starts."""
    listing = list_source(source, base, limits)
    if source.unlabelled:
        listing = replace(listing, labels=None)
    names = class_names(listing, source.class_names)
    sides = _sides(listing, names, source.split)
    _check(listing, sides, names)
    check_room(len(listing.names), source.image_size, listing.working_bytes, limits)
    decoded = decode_all(listing, sides, source.image_size, limits)
    whole = ~decoded.damaged
    if decoded.damaged.any():
        _check(listing, np.where(whole, sides, np.int8(-1)), names)
    train, validation, test = (
        _samples(listing, decoded.splits[side], np.flatnonzero((sides == side) & whole))
        for side in (TRAIN, VALIDATION, TEST)
    )
    splits = (train, validation, test) if len(test) else (train, validation)
    report = report_of(listing, sides, decoded, None if names is None else len(names))
    warnings = (*listing.warnings, *_untested(test, names), *report.warnings())
    return DataSet(
        train=train,
        validation=validation,
        class_names=names,
        digest=digest_of(splits, names),
        warnings=warnings,
        report=report,
        test=test if len(test) else None,
    )


def _sides(listing: Listing, names: Names, split: Split | None) -> Sides:
    """Where each row belongs: as the data says, with validation drawn where it is silent. [N]"""
    given = listing.sides
    sides = np.full(len(listing.names), TRAIN, dtype=np.int8) if given is None else given.copy()
    if (sides == VALIDATION).any():
        if split is not None:
            raise refused(
                "the data brings its own validation split, so data.split would be ignored",
                code="split_conflict",
                hint="remove data.split",
                pointer="/data/split",
            )
        return sides
    rows = np.flatnonzero(sides == TRAIN)
    sides[rows[_drawn(listing, rows, names, split or Split())]] = VALIDATION
    return sides


def _drawn(
    listing: Listing, rows: NDArray[np.int64], names: Names, split: Split
) -> NDArray[np.bool_]:
    if listing.labels is None or names is None:
        return held_out_of_all(len(rows), split)
    return held_out_by_class(listing.labels[rows], names, split)


def _check(listing: Listing, sides: Sides, names: Names) -> None:
    """Training and validation have every class, and enough of all."""
    if listing.labels is not None and names is not None:
        check_every_class(listing.labels[sides == TRAIN], names, "training")
        check_every_class(listing.labels[sides == VALIDATION], names, "validation")
    check_sizes(int((sides == TRAIN).sum()), int((sides == VALIDATION).sum()))


def _untested(test: Samples, names: Names) -> Iterator[str]:
    if test.labels is not None and names is not None and len(test):
        absent = absent_classes(test.labels, names)
        if absent:
            yield f"classes without an image in the {SIDE_NAMES[TEST]} split: {few(absent)}"


def _samples(listing: Listing, images: NDArray[np.uint8], rows: NDArray[np.int64]) -> Samples:
    return Samples(
        images=images,
        labels=None if listing.labels is None else listing.labels[rows],
        names=tuple(listing.names[row] for row in rows),
        index=rows,
    )
