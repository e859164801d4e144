"""`predict`: what a run's artifact says of image files, and its teacher beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kd_core.prediction import image_files
from kd_core.prediction.predictor import load
from kd_core.prediction.run_folder import RunFolder, Shipped

Logits = NDArray[np.float32]
Answers = Callable[[NDArray[np.uint8]], Logits]
LoadTeacher = Callable[[tuple[str, ...], int], Answers]
"""Of the names and the number of classes: what answers to the decoded images. [B, S, S, 3]"""


@dataclass(frozen=True)
class Guess:
    index: int
    name: str
    probability: float


@dataclass(frozen=True)
class Prediction:
    """Each side's classes, the most probable first."""

    file: Path
    student: tuple[Guess, ...]
    teacher: tuple[Guess, ...] | None = None

    @property
    def agrees(self) -> bool | None:
        return None if self.teacher is None else self.student[0].index == self.teacher[0].index


def predict(
    folder: RunFolder,
    shipped: Shipped,
    images: Sequence[Path],
    *,
    top: int,
    threads: int,
    image_size: int | None = None,
    teacher: LoadTeacher | None = None,
) -> list[Prediction]:
    """`image_size`: the side that training decoded images to, where the folder does not tell it."""
    image_files.check(images)
    student = load(folder, shipped, threads)
    side = folder.image_size or image_size or student.side
    answers: Answers | None = None
    found: list[Prediction] = []
    for squares in image_files.batches(images, side):
        logits = student.logits(image_files.resized(squares, student.side))
        names = student.class_names
        if teacher is not None and answers is None:
            answers = teacher(names, logits.shape[1])
        ours = _ranked(logits, names, top)
        theirs = [None] * len(ours) if answers is None else _ranked(answers(squares), names, top)
        files = images[len(found) : len(found) + len(ours)]
        found += [Prediction(*one) for one in zip(files, ours, theirs, strict=True)]
    return found


def _ranked(logits: Logits, names: tuple[str, ...], top: int) -> list[tuple[Guess, ...]]:
    """Of equals the first class goes first."""
    scores = logits.astype(np.float64)
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    order = np.argsort(-shares, axis=1, kind="stable")[:, :top]
    return [
        tuple(
            Guess(at, names[at] if names else f"class {at}", float(row[at])) for at in best.tolist()
        )
        for row, best in zip(shares, order, strict=True)
    ]
