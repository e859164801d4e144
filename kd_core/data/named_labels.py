"""From labels as a table has them, words or numbers, to numbers of classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

NUMBER = "0123456789"


def numbered(labels: Sequence[str]) -> tuple[NDArray[np.int64], tuple[str, ...] | None]:
    """The number of each label's class, and the names of the classes.

    Words are in the order of their letters and whole numbers in that of their values. Numbers
    from 0 without a gap are no names: the document may say what they mean.
    """
    names = sorted(set(labels), key=_order)
    places = {name: place for place, name in enumerate(names)}
    numbers = np.array([places[label] for label in labels], dtype=np.int64)
    bare = names == [str(place) for place in range(len(names))]
    return numbers, None if bare else tuple(names)


def _order(label: str) -> tuple[int, int, str]:
    is_number = bool(label) and not label.strip(NUMBER) and len(label) <= len(str(2**63))
    return (0, int(label), label) if is_number else (1, 0, label)
