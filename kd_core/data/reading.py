"""From the data section of a document to the samples that training reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kd_core.data.classes import absent_classes, check_every_class, class_names
from kd_core.data.dataset import DataSet, Samples, digest_of
from kd_core.data.decoded import Decoded, Decoder
from kd_core.data.images import Streamed
from kd_core.data.limits import LIMITS, Limits
from kd_core.data.listing import SIDE_NAMES, TEST, TRAIN, VALIDATION, Listing
from kd_core.data.refusal import few, refused
from kd_core.data.report import DataReport, report_of
from kd_core.data.room import check_room
from kd_core.data.sources import list_source
from kd_core.data.splits import check_sizes, held_out_by_class, held_out_of_all
from kd_core.data.store import DecodedStore
from kd_core.spec import DataSource, Split

Sides = NDArray[np.int8]
Names = tuple[str, ...] | None


def read(
    source: DataSource, base: Path, limits: Limits = LIMITS, store: DecodedStore | None = None
) -> DataSet:
    """The data set, checked, split and decoded: into memory, or into a store. `base` is where a
    relative path starts.
    """
    listing = list_source(source, base, limits)
    if source.unlabelled:
        listing = replace(listing, labels=None)
    names = class_names(listing, source.class_names)
    sides = _sides(listing, names, source.split)
    _check(listing, sides, names)
    if store is None:
        check_room(len(listing.names), source.image_size, listing.working_bytes, limits)
    decoder = Decoder(listing, source.image_size, limits, store)
    rows = [np.flatnonzero(sides == side) for side in (TRAIN, VALIDATION, TEST)]
    trained_on = dict(enumerate(decoder.decode(rows[:TEST])))
    if any(part.facts["damaged"].any() for part in trained_on.values()):
        _check(listing, _sides_of_whole(trained_on, len(sides)), names)
    train, validation = (_samples(listing, trained_on[side]) for side in (TRAIN, VALIDATION))
    classes = None if names is None else len(names)

    def look_at_test() -> tuple[Samples, DataReport]:
        (test,) = decoder.decode([rows[TEST]])
        everything = {**trained_on, TEST: test}
        return _samples(listing, test), report_of(listing, everything, classes)

    return DataSet(
        train=train,
        validation=validation,
        class_names=names,
        digest=digest_of(
            [(train, trained_on[TRAIN].prints), (validation, trained_on[VALIDATION].prints)], names
        ),
        warnings=(
            *listing.warnings,
            *_untested(listing, rows[TEST], names),
            *_streaming(trained_on.values()),
            *report_of(listing, trained_on, classes).warnings(),
        ),
        has_test=len(rows[TEST]) > 0,
        look_at_test=look_at_test,
    )


def read_whole(source: DataSource, base: Path, limits: Limits = LIMITS) -> tuple[Samples, Names]:
    """Every image there is, whatever split it is in, and what the classes are called."""
    listing = list_source(source, base, limits)
    names = class_names(listing, source.class_names)
    rows = np.arange(len(listing.names))
    check_room(len(rows), source.image_size, listing.working_bytes, limits)
    (everything,) = Decoder(listing, source.image_size, limits, None).decode([rows])
    return _samples(listing, everything), names


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


def _sides_of_whole(decoded: Mapping[int, Decoded], count: int) -> Sides:
    sides = np.full(count, -1, dtype=np.int8)
    for side, part in decoded.items():
        sides[part.whole] = side
    return sides


def _untested(listing: Listing, test: NDArray[np.int64], names: Names) -> Iterator[str]:
    if listing.labels is not None and names is not None and len(test):
        absent = absent_classes(listing.labels[test], names)
        if absent:
            yield f"classes without an image in the {SIDE_NAMES[TEST]} split: {few(absent)}"


def _streaming(decoded: Iterable[Decoded]) -> Iterator[str]:
    if any(isinstance(part.images, Streamed) for part in decoded):
        yield (
            "there is no room on disk for the decoded images, so they are decoded again in each "
            "epoch, which takes longer and gives the same; docs/data.md says how to give them room"
        )


def _samples(listing: Listing, decoded: Decoded) -> Samples:
    rows = decoded.whole
    return Samples(
        images=decoded.images,
        labels=None if listing.labels is None else listing.labels[rows],
        names=tuple(listing.names[row] for row in rows),
        index=rows,
    )
