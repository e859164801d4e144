"""Every image decoded once, at its place in its split; a few damaged ones are left out by name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import PIL
from numpy.typing import NDArray

from kd_core.data.decode import ImageDamaged
from kd_core.data.facts import FACTS, Facts, fact_of
from kd_core.data.images import Mapped, Paged, Pixels, Streamed
from kd_core.data.limits import Limits
from kd_core.data.listing import Listing, Rows
from kd_core.data.refusal import few, refused
from kd_core.data.room import no_room
from kd_core.data.store import DecodedStore, Kind

ARITHMETIC = 1
"""Another number for every way in which this room has made squares of images."""


@dataclass(frozen=True, eq=False)
class Decoded:
    """One side of a data set."""

    rows: Rows  # [N], of the source, the damaged ones among them
    facts: Facts  # [N]
    images: Pixels | Paged
    """Of those that are whole."""

    @property
    def whole(self) -> Rows:
        kept: Rows = self.rows[~self.facts["damaged"]]
        return kept

    @property
    def prints(self) -> NDArray[np.void]:
        """What tells the images from any others, in their order."""
        return np.ascontiguousarray(self.facts["print"][~self.facts["damaged"]])


class _Place(Protocol):
    """Where the pixels of a side go, in the order in which they are decoded."""

    def put(self, place: int, pixels: Pixels) -> None: ...

    def finish(self, facts: Facts) -> Pixels | Mapped | None:
        """None when the pixels are kept nowhere."""


@dataclass(frozen=True)
class Decoder:
    listing: Listing
    size: int
    limits: Limits
    store: DecodedStore | None
    """Without one the images stay in memory."""

    def decode(self, sides: Sequence[Rows]) -> list[Decoded]:
        """All sides, in one pass over what was not decoded before."""
        with ExitStack() as held:
            if self.store is not None:
                held.enter_context(self.store.alone([self._key(rows) for rows in sides]))
            there = [self._found_or_place(rows, held) for rows in sides]
            known = [side for side in there if isinstance(side, Decoded)]
            damaged = _Damaged(self.listing, self.limits, sum(map(len, sides)), known)
            places = {n: place for n, place in enumerate(there) if not isinstance(place, Decoded)}
            facts = self._filled(sides, places, damaged)
            return [
                side if isinstance(side, Decoded) else self._finished(rows, facts[n], side)
                for n, (rows, side) in enumerate(zip(sides, there, strict=True))
            ]

    def _found_or_place(self, rows: Rows, held: ExitStack) -> Decoded | _Place:
        if self.store is None or not len(rows):
            return _Memory(len(rows), self.size)
        kind = Kind(self._key(rows), len(rows), self.size)
        found = self.store.find(kind)
        if found is None:
            shelf = held.enter_context(self.store.shelf(kind))
            if shelf is not None:
                return shelf
            if not self.listing.at_random:
                raise no_room(kind.file_bytes, self.store.most_bytes, self.store.folder)
            kind = replace(kind, has_pixels=False)
            found = self.store.find(kind)
        if found is None:
            return held.enter_context(self.store.shelf(kind)) or _Nowhere()
        facts, images = found
        return Decoded(rows, facts, self._streamed(rows, facts) if images is None else images)

    def _filled(
        self, sides: Sequence[Rows], places: Mapping[int, _Place], damaged: _Damaged
    ) -> dict[int, Facts]:
        """Decode what has a place."""
        facts = {side: np.zeros(len(sides[side]), dtype=FACTS) for side in places}
        count = len(self.listing.names)
        side_of, place_of = np.full(count, -1, dtype=np.int8), np.zeros(count, dtype=np.int64)
        for side in places:
            side_of[sides[side]] = side
            place_of[sides[side]] = np.arange(len(sides[side]))
        wanted = np.flatnonzero(side_of >= 0)
        seen = 0
        for row, square in self.listing.squares(self.size, wanted) if len(wanted) else ():
            seen += 1
            side, place = int(side_of[row]), int(place_of[row])
            if isinstance(square, ImageDamaged):
                facts[side][place]["damaged"] = True
                damaged.add(row, square)
            else:
                facts[side][place] = fact_of(square)
                places[side].put(place, square.pixels)
        _check_seen(seen, len(wanted))
        return facts

    def _finished(self, rows: Rows, facts: Facts, place: _Place) -> Decoded:
        images = place.finish(facts)
        return Decoded(rows, facts, self._streamed(rows, facts) if images is None else images)

    def _streamed(self, rows: Rows, facts: Facts) -> Streamed:
        whole = ~facts["damaged"]
        return Streamed(self.listing, rows[whole], facts[whole], self.size)

    def _key(self, rows: Rows) -> str:
        """Everything that the images of a side follow from."""
        names = hashlib.sha256()
        for row in rows.tolist():
            names.update(f"{row} {self.listing.names[row]}\0".encode())
        decides = {
            "arithmetic": [ARITHMETIC, PIL.__version__],
            "size": self.size,
            "names": names.hexdigest(),
            "content": self.listing.content(rows),
        }
        return hashlib.sha256(json.dumps(decides).encode()).hexdigest()


class _Memory:
    def __init__(self, count: int, size: int) -> None:
        self._images = np.empty((count, size, size, 3), dtype=np.uint8)

    def put(self, place: int, pixels: Pixels) -> None:
        self._images[place] = pixels

    def finish(self, facts: Facts) -> Pixels:
        """The images that are whole, moved together: there is no room for them twice."""
        kept = np.flatnonzero(~facts["damaged"])
        for place, row in enumerate(kept.tolist()):
            if place != row:
                self._images[place] = self._images[row]
        return self._images[: len(kept)]


class _Nowhere:
    def put(self, place: int, pixels: Pixels) -> None:
        pass

    def finish(self, facts: Facts) -> None:
        pass


class _Damaged:
    """The rows that cannot be decoded, as long as they are few."""

    def __init__(
        self, listing: Listing, limits: Limits, count: int, known: Sequence[Decoded]
    ) -> None:
        self._names = [
            listing.names[row] for side in known for row in side.rows[side.facts["damaged"]]
        ]
        self._listing = listing
        self._count = count
        self._share = limits.damaged_share

    def add(self, row: int, reason: ImageDamaged) -> None:
        self._names.append(self._listing.names[row])
        if len(self._names) <= int(self._share * self._count):
            return
        if len(self._names) == 1:
            raise reason
        raise refused(
            f"more than {self._share:.0%} of {self._count} images cannot be decoded: "
            f"{few(self._names)}",
            code="images_damaged",
            hint="replace or remove them; if there are many, copy the data set again",
            file=self._names[0],
        )


def _check_seen(seen: int, rows: int) -> None:
    if seen != rows:
        raise refused(
            f"{rows - seen} images went missing while they were read",
            code="data_changed",
            hint="leave the data alone while a run reads it, and start again",
        )
