"""Where the numbers of a report come from, as far as a person wants to see it. torch-free to read.

Everything here is bounded: a report of 21 841 classes is not larger for it than one of fifty.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from kd_core.part import Part

WHOLE_CLASSES = 50
"""Confusion matrices of data with more classes are told by their largest numbers alone."""
MOST_CELLS = 20
MOST_CLASSES_LOST = 20
MOST_FLIPS = 24
MOST_THUMBNAIL_BYTES = 10_000

Reference = Literal["teacher", "baseline"]
Matrix = tuple[tuple[int, ...], ...]
"""[C, C]: a row for each true class, a column for each answer."""


class Cell(Part):
    """How often one class was answered for another, or for itself."""

    true: str
    answered: str
    count: int
    reference: int | None = None
    """How often the reference did."""


class Confusion(Part):
    matrix: Matrix | None = None
    """Whole, up to 50 classes."""
    difference: Matrix | None = None
    """The matrix less that of the reference."""
    largest: tuple[Cell, ...]
    """The confusions that happened most often; no right answers."""
    changed: tuple[Cell, ...] = ()
    """Where it differs most from the reference; right answers too."""


class CalibrationBin(Part):
    """Samples that were answered with a confidence of this fifteenth of 0 to 1."""

    count: int
    confidence: float | None = None
    """Mean, as the share that was right; absent where there are no samples."""
    accuracy: float | None = None


class ModelDiagnosis(Part):
    """Of labelled samples."""

    name: str
    """teacher, student, baseline, or the name of an artifact."""
    confusion: Confusion
    calibration: tuple[CalibrationBin, ...]


class ClassLost(Part):
    """A class that the student recognises less often than the reference does."""

    name: str
    samples: int
    reference: float
    """Recall, 0 to 1."""
    student: float
    difference: float


class Said(Part):
    answer: str
    confidence: float


class Flip(Part):
    """A sample that the student answers otherwise than the reference."""

    sample: str
    kind: Literal["lost", "gained", "both_wrong", "unlabelled"]
    """lost: the reference was right. gained: the student is."""
    true: str | None = None
    reference: Said
    student: Said
    margin: float
    """How much more confidence the student has in its answer than in the reference's."""
    thumbnail: Annotated[
        str | None, Field(pattern=r"^[A-Za-z0-9+/]+=*$", max_length=MOST_THUMBNAIL_BYTES * 4 // 3)
    ] = None
    """A PNG of at most 96 x 96 pixels, in base64."""


class Flips(Part):
    lost: int | None = None
    """Samples that the reference had right and the student has wrong."""
    gained: int | None = None
    both_wrong: int | None = None
    """In different ways."""
    differing: int
    """All of them."""
    shown: tuple[Flip, ...]
    """At most 24: what was lost first, then what was gained; the largest margin first."""


class FrontPoint(Part):
    name: str
    worth: float
    cost: float
    on_front: bool
    """Nothing else is at least as good and at least as cheap, and better in one of the two."""


class Front(Part):
    """What is worth its cost, among models that were measured in the same way."""

    worth: Literal["top1", "agreement_teacher"]
    cost: Literal["size_mb", "latency_ms_p50"]
    device: str | None = None
    """That the time was taken on."""
    points: tuple[FrontPoint, ...]


class Diagnosis(Part):
    samples: int
    classes: int
    reference: Reference | None = None
    """What differences are held against; absent where there is nothing."""
    models: tuple[ModelDiagnosis, ...] = ()
    """Empty on unlabelled data."""
    classes_lost: tuple[ClassLost, ...] = ()
    flips: Flips | None = None
    """Between reference and student."""
