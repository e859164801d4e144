"""onnx_int8: the graph in int8 that a grid of recipes found to be the best, and what it found."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from pydantic import ValidationError

from kd_core.exports import int8_grid
from kd_core.exports.refusal import Unexportable, said_in_a_sentence
from kd_core.files import sha256_of, write_atomically
from kd_core.models.onnx import calibration
from kd_core.models.onnx.quantising import UNQUANTISABLE, Quantiser
from kd_core.models.onnx.session import open_session
from kd_core.part import Part
from kd_core.report import Int8Grid

if TYPE_CHECKING:
    from pathlib import Path

    from kd_core.exports.proof import Proof
    from kd_core.exports.student import Student
    from kd_core.exports.workshop import Workshop

GRAPH, NOTES = "student_int8.onnx", "student.json"
TRIED_ON = 2  # images of noise


class Notes(Part):
    """Beside the graph, for a resume that does not make it again."""

    sha256: str
    grid: Int8Grid


def write(workshop: Workshop, folder: Path) -> None:
    grid = int8_grid.choose(workshop, folder / GRAPH)
    notes = Notes(sha256=sha256_of(folder / GRAPH), grid=grid)
    workshop.notes.mkdir(exist_ok=True)
    write_atomically(workshop.notes / NOTES, notes.model_dump_json().encode())


def prove(workshop: Workshop, file: Path) -> Proof:
    """What was noted of the grid must be there, and about this very file."""
    try:
        notes = Notes.model_validate_json((workshop.notes / NOTES).read_bytes())
    except (FileNotFoundError, ValidationError):
        raise Unexportable("what was noted of its grid is gone") from None
    if notes.sha256 != sha256_of(file):
        raise Unexportable("it is not the file that was chosen")
    return replace(workshop.trial.of_lossy(file), grid=notes.grid)


def rehearse(student: Student, folder: Path) -> None:
    """By one recipe, calibrated on noise: whether there can be such a graph at all."""
    side = student.plan.image_size
    noise = torch.randn(TRIED_ON, 3, side, side, generator=torch.Generator().manual_seed(0))
    with said_in_a_sentence(*UNQUANTISABLE):
        ranges = calibration.seen(student.graph, iter([noise]), threads=1).widest()
    recipe = next(int8_grid.grid(student.graph))
    graph = int8_grid.once(student, Quantiser(student.graph, {recipe.calibration: ranges}), recipe)
    with said_in_a_sentence(*UNQUANTISABLE):
        open_session(graph, threads=1).run(None, {"images": noise.numpy()})
    (folder / GRAPH).write_bytes(graph)
