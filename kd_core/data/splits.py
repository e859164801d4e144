"""Which samples are held out: by class, by a seed, and the same on every machine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kd_core.data.refusal import refused
from kd_core.spec import Split

MIN_TRAINING_SAMPLES = 2
NO_CLASS = -1


def held_out_by_class(
    labels: NDArray[np.int64], names: Sequence[str], split: Split
) -> NDArray[np.bool_]:
    """True for the share of each class that is held out: at least one sample, never all. [N]"""
    held_out = np.zeros(len(labels), dtype=np.bool_)
    for number, name in enumerate(names):
        rows = np.flatnonzero(labels == number)
        if len(rows) < 2:  # noqa: PLR2004 - one for each side
            raise refused(
                f"the class {name} has {len(rows)} image, too few to hold one out",
                code="class_too_small",
                hint="give it a second image, or bring a validation split with the data",
            )
        held_out[_drawn(rows, number, split)] = True
    return held_out


def held_out_of_all(count: int, split: Split) -> NDArray[np.bool_]:
    """The same without classes. [N]"""
    held_out = np.zeros(count, dtype=np.bool_)
    if count > 1:
        held_out[_drawn(np.arange(count), NO_CLASS, split)] = True
    return held_out


def check_sizes(train: int, validation: int) -> None:
    if train < MIN_TRAINING_SAMPLES or validation == 0:
        raise refused(
            f"there are {train} training and {validation} validation samples; training needs "
            f"{MIN_TRAINING_SAMPLES} and validation 1",
            code="too_few_samples",
            hint="give more images",
        )


def _drawn(rows: NDArray[np.int64], number: int, split: Split) -> list[int]:
    """A random share of the rows. Hashes order them: a generator's stream may change some day."""

    def lot(row: int) -> bytes:
        return hashlib.sha256(f"{split.seed}/{number}/{row}".encode()).digest()

    count = min(max(round(split.validation * len(rows)), 1), len(rows) - 1)
    return sorted(rows.tolist(), key=lot)[:count]
