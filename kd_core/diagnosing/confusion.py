"""Who is taken for whom, and how that differs from the reference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from heapq import nsmallest

from kd_core.diagnosis import MOST_CELLS, WHOLE_CLASSES, Cell, Confusion, Matrix

Pair = tuple[int, int]
"""The true class and the answer."""
Pairs = Counter[Pair]


def pairs_of(labels: Sequence[int], answers: Sequence[int]) -> Pairs:
    return Counter(zip(labels, answers, strict=True))


def confusion(pairs: Pairs, reference: Pairs | None, names: Sequence[str]) -> Confusion:
    whole = len(names) <= WHOLE_CLASSES

    def cells(found: Iterable[Pair], size: Callable[[Pair], int]) -> tuple[Cell, ...]:
        """The largest first; those of one size in the order of the classes."""
        largest = nsmallest(MOST_CELLS, found, key=lambda pair: (-size(pair), pair))
        return tuple(_cell(pair, pairs, reference, names) for pair in largest)

    wrong = (pair for pair in pairs if pair[0] != pair[1])
    told = Confusion(
        matrix=_matrix(pairs, len(names)) if whole else None,
        largest=cells(wrong, pairs.__getitem__),
    )
    if reference is None:
        return told
    difference = Counter(pairs)
    difference.subtract(reference)
    changed = (pair for pair, change in difference.items() if change)
    return told.model_copy(
        update={
            "difference": _matrix(difference, len(names)) if whole else None,
            "changed": cells(changed, lambda pair: abs(difference[pair])),
        }
    )


def _matrix(pairs: Pairs, classes: int) -> Matrix:
    return tuple(
        tuple(pairs[true, answered] for answered in range(classes)) for true in range(classes)
    )


def _cell(pair: Pair, pairs: Pairs, reference: Pairs | None, names: Sequence[str]) -> Cell:
    true, answered = pair
    return Cell(
        true=names[true],
        answered=names[answered],
        count=pairs[pair],
        reference=None if reference is None else reference[pair],
    )
