"""Images that are not in memory: looked up by their places, a fresh array each time."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from kd_core.data.decode import ImageDamaged
from kd_core.data.facts import Facts, print_of
from kd_core.data.listing import Listing, Rows
from kd_core.data.refusal import refused

Pixels = NDArray[np.uint8]


class Paged(ABC):
    """N images of S x S pixels. What a lookup takes of memory is what it returns."""

    def __init__(self, count: int, size: int) -> None:
        self.shape = (count, size, size, 3)

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def size_bytes(self) -> int:
        return int(np.prod(self.shape))

    def __getitem__(self, places: Rows | slice) -> Pixels:
        """uint8 [B, S, S, 3]"""
        if isinstance(places, slice):
            places = np.arange(len(self), dtype=np.int64)[places]
        return self._look_up(places)

    @abstractmethod
    def _look_up(self, places: Rows) -> Pixels: ...


class Mapped(Paged):
    """Of a file that is mapped into memory; the kernel fetches and forgets its pages."""

    def __init__(self, pixels: Pixels, rows: Rows) -> None:
        """`rows` of the file are the images; between them may be damaged ones. [N, S, S, 3]"""
        super().__init__(len(rows), pixels.shape[1])
        self._pixels = pixels
        self._rows = rows

    def _look_up(self, places: Rows) -> Pixels:
        return self._pixels[self._rows[places]]


class Streamed(Paged):
    """Decoded from the source each time they are asked for."""

    def __init__(self, listing: Listing, rows: Rows, facts: Facts, size: int) -> None:
        """`rows` of the source are the images; what they were is in `facts`. [N]"""
        super().__init__(len(rows), size)
        self._listing = listing
        self._rows = rows
        self._prints = facts["print"]

    def _look_up(self, places: Rows) -> Pixels:
        wanted, of_place = np.unique(places, return_inverse=True)
        rows = self._rows[wanted]
        order = {row: number for number, row in enumerate(rows.tolist())}
        images = np.empty((len(rows), *self.shape[1:]), dtype=np.uint8)
        for row, square in self._listing.squares(self.shape[1], rows):
            number = order.pop(row)
            if isinstance(square, ImageDamaged):
                raise self._changed(row)
            if print_of(square.pixels) != self._prints[wanted[number]].tobytes():
                raise self._changed(row)
            images[number] = square.pixels
        for row in order:
            raise self._changed(row)
        return images[of_place]

    def _changed(self, row: int) -> Exception:
        return refused(
            "the image is not what it was when the run began",
            code="data_changed",
            hint="put it back as it was and resume, or start again in another folder",
            file=self._listing.names[row],
        )
