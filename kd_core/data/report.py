"""What a data set is made of: counts, sizes, what is damaged, what is there twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from kd_core.data.decoded import Decoded
from kd_core.data.facts import FACTS, Facts
from kd_core.data.listing import SIDE_NAMES, TEST, TRAIN, VALIDATION, Listing
from kd_core.data.refusal import few
from kd_core.errors import printable

MOST_CLASSES = 1000
MOST_EXAMPLES = 20
MOST_COPIES = 5
NOWHERE = -1  # the side of a row that was not looked at


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Spread(Part):
    min: int
    median: int
    max: int


class Found(Part):
    """How many there are, and the names of the first of them."""

    count: int
    examples: tuple[tuple[str, ...], ...] = ()
    """Each a group of names that belong together."""


class DataReport(Part):
    """Images are the same when their RGB pixels are, as stored and before they are resized: the
    same photo saved twice is found whatever the files are, and image_size changes nothing.
    """

    layout: str
    """What the source was recognised as."""
    samples: dict[str, int]
    """How many are in each split; `test` only where the data brings one."""
    class_counts: dict[str, tuple[int, ...]] | None
    """For each split, in the order of the class names; None when the data is unlabelled."""
    classes_left_out: int = 0
    """So many classes at the end have no count here."""
    width: Spread
    height: Spread
    damaged: Found
    """Images that cannot be decoded and are left out."""
    duplicates: Found
    """Images that are there more than once, in whatever split; `count` is of the copies."""
    label_conflicts: Found
    """The same image under two labels; `count` is of the images."""
    leaks: dict[str, Found]
    """For `validation` and `test`: images that are also in the training split; an example names
    the held-out image first.
    """

    def warnings(self) -> Iterator[str]:
        if self.damaged.count:
            yield f"left out, cannot be decoded ({self.damaged.count}): {_firsts(self.damaged)}"
        for split, leak in self.leaks.items():
            if leak.count:
                yield (
                    f"also in the training split, so that the {split} split says less than it "
                    f"seems ({leak.count}): {_pairs(leak)}"
                )
        if self.label_conflicts.count:
            yield (
                f"the same image has two labels ({self.label_conflicts.count}): "
                f"{_pairs(self.label_conflicts)}"
            )


def report_of(listing: Listing, decoded: Mapping[int, Decoded], classes: int | None) -> DataReport:
    """Of these sides of the data set."""
    facts = np.zeros(len(listing.names), dtype=FACTS)
    sides = np.full(len(facts), NOWHERE, dtype=np.int8)
    for side, part in decoded.items():
        facts[part.rows], sides[part.rows] = part.facts, side
    whole = np.flatnonzero((sides != NOWHERE) & ~facts["damaged"])
    groups = _Groups(listing.names, facts["fingerprint"][whole], whole)
    present = [side for side in (TRAIN, VALIDATION, TEST) if (sides == side).any()]
    labels = listing.labels
    counts = None
    if labels is not None and classes is not None:
        counts = {
            SIDE_NAMES[side]: _class_counts(labels[whole[sides[whole] == side]], classes)
            for side in present
        }
    return DataReport(
        layout=listing.layout,
        samples={SIDE_NAMES[side]: int((sides[whole] == side).sum()) for side in present},
        class_counts=counts,
        classes_left_out=max((classes or 0) - MOST_CLASSES, 0) if counts else 0,
        width=_spread(facts["width"][whole]),
        height=_spread(facts["height"][whole]),
        damaged=_damaged(listing.names, facts),
        duplicates=groups.copies(),
        label_conflicts=Found(count=0) if labels is None else groups.conflicts(labels),
        leaks={SIDE_NAMES[side]: groups.leaks(sides, side) for side in present if side != TRAIN},
    )


class _Groups:
    """The images that are there more than once, as groups of rows in ascending order."""

    def __init__(
        self, names: Sequence[str], fingerprints: NDArray[np.void], rows: NDArray[np.int64]
    ) -> None:
        self._names = names
        _, group, sizes = np.unique(fingerprints, return_inverse=True, return_counts=True)
        self.count = int(len(rows) - len(sizes))
        repeated = np.flatnonzero(sizes[group] > 1)
        order = repeated[np.argsort(group[repeated], kind="stable")]
        starts = np.flatnonzero(np.diff(group[order])) + 1
        groups = np.split(rows[order], starts) if len(order) else []
        self._groups = sorted((rows.tolist() for rows in groups), key=lambda rows: rows[0])

    def copies(self) -> Found:
        return self._found(self.count, self._groups)

    def conflicts(self, labels: NDArray[np.int64]) -> Found:
        odd = [rows for rows in self._groups if len(set(labels[rows].tolist())) > 1]
        apart = [_first_of_each(rows, lambda row: int(labels[row])) for rows in odd]
        return self._found(len(odd), apart)

    def leaks(self, sides: NDArray[np.int8], side: int) -> Found:
        """The images of a side that the training split has too."""
        pairs = []
        for rows in self._groups:
            trained = [row for row in rows if sides[row] == TRAIN]
            pairs += [[row, trained[0]] for row in rows if trained and sides[row] == side]
        return self._found(len(pairs), sorted(pairs))

    def _found(self, count: int, groups: Sequence[Sequence[int]]) -> Found:
        return Found(
            count=count,
            examples=tuple(
                tuple(printable(self._names[row]) for row in rows[:MOST_COPIES])
                for rows in groups[:MOST_EXAMPLES]
            ),
        )


def _first_of_each(rows: Sequence[int], kind: Callable[[int], int]) -> list[int]:
    firsts: dict[int, int] = {}
    for row in rows:
        firsts.setdefault(kind(row), row)
    return list(firsts.values())


def _class_counts(labels: NDArray[np.int64], classes: int) -> tuple[int, ...]:
    counts = np.bincount(labels, minlength=classes)
    return tuple(counts[:MOST_CLASSES].tolist())


def _spread(values: NDArray[np.int32]) -> Spread:
    ordered = np.sort(values)
    return Spread(
        min=int(ordered[0]), median=int(ordered[(len(ordered) - 1) // 2]), max=int(ordered[-1])
    )


def _damaged(names: Sequence[str], facts: Facts) -> Found:
    rows = np.flatnonzero(facts["damaged"]).tolist()
    examples = tuple((printable(names[row]),) for row in rows[:MOST_EXAMPLES])
    return Found(count=len(rows), examples=examples)


def _firsts(found: Found) -> str:
    return few([example[0] for example in found.examples], found.count)


def _pairs(found: Found) -> str:
    return few([" = ".join(example) for example in found.examples], found.count)
