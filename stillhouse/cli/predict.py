"""`still predict`: what a student says of images on disk, and its teacher beside it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kd_core.errors import printable
from stillhouse.cli import extras, prediction_source
from stillhouse.cli.connection import json_option
from stillhouse.cli.printing import print_json
from stillhouse.cli.tables import print_grid

if TYPE_CHECKING:
    from kd_core.prediction.predicting import Guess, LoadTeacher, Prediction
    from kd_core.spec import DistillSpec

TOP = 3
LONGEST_CELL = 60


@click.command()
@click.argument("source", metavar="JOB|DIR")
@click.argument(
    "images", metavar="IMAGE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--artifact",
    metavar="NAME",
    help="As the report calls it: safetensors, onnx, onnx_uint8 ...  [default: safetensors, or "
    "the first that can be run here]",
)
@click.option("--teacher", is_flag=True, help="Ask the run's teacher too.")
@click.option("--top", type=click.IntRange(min=1), default=TOP, show_default=True)
@json_option
def predict(
    *,
    source: str,
    images: tuple[Path, ...],
    artifact: str | None,
    teacher: bool,
    top: int,
    as_json: bool,
) -> None:
    """Classify image files with the student of a run.

    DIR is the folder of a run: what `still distill` or `still artifacts pull` wrote, or the one in
    a bundle. The files of a JOB are fetched into the user's cache. Images are read as training
    read them.
    """
    extras.require(
        "predict", ("numpy", "PIL"), "reads images", "pip install onnxruntime numpy pillow"
    )
    asked = prediction_source.find(source, artifact, teacher=teacher)
    from kd_core.prediction import predicting

    found = predicting.predict(
        asked.folder,
        asked.shipped,
        images,
        top=top,
        threads=os.cpu_count() or 1,
        image_size=asked.image_size,
        teacher=None if asked.spec is None else _teacher(asked, asked.spec),
    )
    if as_json:
        print_json({"artifact": asked.shipped.name, "images": [_document(one) for one in found]})
        return
    _print(found, asked.shipped.name)


def _teacher(asked: prediction_source.Asked, spec: DistillSpec) -> LoadTeacher:
    needed = ("torch", "timm", "safetensors")
    extras.require("predict --teacher", needed, "runs the teacher on this machine")
    from kd_core.prediction import teachers

    return partial(teachers.load, asked.folder, spec, asked.roots)


def _document(one: Prediction) -> dict[str, Any]:
    sides = {"student": one.student, "teacher": one.teacher}
    answers = {side: _listed(guesses) for side, guesses in sides.items() if guesses is not None}
    agrees = {} if one.agrees is None else {"agrees": one.agrees}
    return {"file": str(one.file), **answers, **agrees}


def _listed(guesses: Sequence[Guess]) -> list[dict[str, Any]]:
    return [
        {"class": guess.name, "index": guess.index, "probability": guess.probability}
        for guess in guesses
    ]


def _print(found: Sequence[Prediction], artifact: str) -> None:
    """A line for each rank; the name of the image stands at the first."""
    asked = found[0].teacher is not None
    titles = ("image", artifact, "", *(("teacher", "") if asked else ()))
    rows, styles = [], []
    for one in found:
        sides = [one.student] if one.teacher is None else [one.student, one.teacher]
        for rank, guesses in enumerate(zip(*sides, strict=True)):
            name = printable(str(one.file)) if rank == 0 else ""
            rows.append([name, *(cell for guess in guesses for cell in _cells(guess))])
            styles.append("bold" if rank == 0 else "dim")
    right = [place for place, title in enumerate(titles) if not title]
    print_grid(titles, rows, right=right, styles=styles)
    if asked:
        same = sum(bool(one.agrees) for one in found)
        click.echo(f"\nboth give the same first answer to {same} of {len(found)}")


def _cells(guess: Guess) -> list[str]:
    return [printable(guess.name, LONGEST_CELL), f"{guess.probability:.1%}"]
