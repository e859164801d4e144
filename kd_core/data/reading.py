"""From the data section of a document to the samples that training reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kd_core.data.classes import check_every_class, class_names
from kd_core.data.dataset import DataSet, Samples, digest_of
from kd_core.data.limits import LIMITS, Limits
from kd_core.data.listing import Listing
from kd_core.data.refusal import refused
from kd_core.data.room import check_room
from kd_core.data.sources import list_source
from kd_core.data.splits import check_sizes, held_out_by_class, held_out_of_all
from kd_core.spec import DataSource, Split

Images = NDArray[np.uint8]


def read(source: DataSource, base: Path, limits: Limits = LIMITS) -> DataSet:
    """The data set, checked whole, split and decoded. `base` is where a relative path starts."""
    listing = list_source(source, base, limits)
    if source.unlabelled:
        listing = replace(listing, labels=None)
    names = class_names(listing, source.class_names)
    held_out = _held_out(listing, names, source.split)
    check_room(len(listing.names), source.image_size, listing.working_bytes, limits)
    images = _decoded(listing, held_out, source.image_size)
    train, validation = (
        _samples(listing, decoded, np.flatnonzero(held_out == side))
        for side, decoded in zip((False, True), images, strict=True)
    )
    digest = digest_of(train, validation, names)
    return DataSet(train, validation, names, digest, listing.warnings)


def _held_out(
    listing: Listing, names: tuple[str, ...] | None, split: Split | None
) -> NDArray[np.bool_]:
    """Which rows are validation: those that the data says, or those that are drawn. [N]"""
    held_out = listing.held_out
    if held_out is not None and split is not None:
        raise refused(
            "the data brings its own validation split, so data.split would be ignored",
            code="split_conflict",
            hint="remove data.split",
            pointer="/data/split",
        )
    if held_out is None:
        held_out = _drawn(listing, names, split or Split())
    if listing.labels is not None and names is not None:
        check_every_class(listing.labels[~held_out], names, "training")
        check_every_class(listing.labels[held_out], names, "validation")
    check_sizes(held_out)
    return held_out


def _drawn(listing: Listing, names: tuple[str, ...] | None, split: Split) -> NDArray[np.bool_]:
    if listing.labels is None or names is None:
        return held_out_of_all(len(listing.names), split)
    return held_out_by_class(listing.labels, names, split)


def _decoded(listing: Listing, held_out: NDArray[np.bool_], size: int) -> tuple[Images, Images]:
    """Every image at its place in its split, training first. -> 2 x [n, S, S, 3]"""
    counts = np.bincount(held_out, minlength=2)
    places = np.where(held_out, held_out.cumsum(), (~held_out).cumsum()) - 1
    splits = tuple(np.empty((count, size, size, 3), dtype=np.uint8) for count in counts)
    seen = 0
    for row, pixels in listing.squares(size):
        splits[int(held_out[row])][places[row]] = pixels
        seen += 1
    if seen != len(held_out):
        raise refused(
            f"{len(held_out) - seen} images went missing while they were read",
            code="data_changed",
            hint="leave the data alone while a run reads it, and start again",
        )
    return splits[0], splits[1]


def _samples(listing: Listing, images: Images, rows: NDArray[np.int64]) -> Samples:
    return Samples(
        images=images,
        labels=None if listing.labels is None else listing.labels[rows],
        names=tuple(listing.names[row] for row in rows),
        index=rows,
    )
