"""The samples that the student answers otherwise than the reference; the most decided are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import TYPE_CHECKING, Literal

from kd_core.diagnosing.thumbnails import thumbnails
from kd_core.diagnosis import MOST_FLIPS, Flip, Flips, Said

if TYPE_CHECKING:
    from torch import Tensor

    from kd_core.data.dataset import Samples
    from kd_core.diagnosing.answered import Answered

Kind = Literal["lost", "gained", "both_wrong", "unlabelled"]
ORDER: Sequence[Kind] = ("lost", "gained", "both_wrong", "unlabelled")


@dataclass(frozen=True)
class _Flipped:
    place: int
    """Among the samples."""
    kind: Kind
    margin: float

    @property
    def rank(self) -> tuple[int, float, int]:
        return ORDER.index(self.kind), -self.margin, self.place


def flips(reference: Answered, student: Answered, samples: Samples, names: Sequence[str]) -> Flips:
    found = _flipped(reference, student, samples)
    shown = nsmallest(MOST_FLIPS, found, key=lambda one: one.rank)
    kinds = Counter(one.kind for one in found)
    labelled = samples.labels is not None
    pictures = thumbnails(samples.images, [one.place for one in shown])
    return Flips(
        lost=kinds["lost"] if labelled else None,
        gained=kinds["gained"] if labelled else None,
        both_wrong=kinds["both_wrong"] if labelled else None,
        differing=len(found),
        shown=tuple(
            _flip(one, reference, student, samples, names, picture)
            for one, picture in zip(shown, pictures, strict=True)
        ),
    )


def _flipped(reference: Answered, student: Answered, samples: Samples) -> list[_Flipped]:
    rows = (reference.classes != student.classes).nonzero().flatten()
    margins = _margins(rows, reference.classes[rows], student)
    theirs, ours = reference.classes[rows].tolist(), student.classes[rows].tolist()
    labels = None if samples.labels is None else samples.labels[rows.numpy()].tolist()
    return [
        _Flipped(place, _kind(None if labels is None else labels[n], theirs[n], ours[n]), margin)
        for n, (place, margin) in enumerate(zip(rows.tolist(), margins.tolist(), strict=True))
    ]


def _margins(rows: Tensor, theirs: Tensor, student: Answered) -> Tensor:
    """By how much probability the student prefers its own answer. float64 [rows]

    The ratio of two probabilities is in the logits; no softmax over all classes is needed.
    """
    own = student.logits[rows, student.classes[rows]].double()
    other = student.logits[rows, theirs].double()
    return student.confidence[rows] * (1 - (other - own).exp())


def _kind(label: int | None, theirs: int, ours: int) -> Kind:
    if label is None:
        return "unlabelled"
    if label == theirs:
        return "lost"
    return "gained" if label == ours else "both_wrong"


def _flip(
    one: _Flipped,
    reference: Answered,
    student: Answered,
    samples: Samples,
    names: Sequence[str],
    thumbnail: str,
) -> Flip:
    def said(by: Answered) -> Said:
        answer = names[int(by.classes[one.place])]
        return Said(answer=answer, confidence=float(by.confidence[one.place]))

    return Flip(
        sample=samples.names[one.place],
        kind=one.kind,
        true=None if samples.labels is None else names[int(samples.labels[one.place])],
        reference=said(reference),
        student=said(student),
        margin=one.margin,
        thumbnail=thumbnail,
    )
