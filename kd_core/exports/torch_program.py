"""torch_export: the student as a program that torch runs without our code or timm's."""

from __future__ import annotations

import copy
import io
import json
from typing import TYPE_CHECKING

import torch

from kd_core.exports.refusal import said_in_a_sentence
from kd_core.models.onnx.export import MOST_IMAGES

if TYPE_CHECKING:
    from pathlib import Path

    from kd_core.exports.student import Student

PROGRAM, DESCRIPTION = "student.pt2", "student.json"


def write(student: Student, folder: Path) -> None:
    """It takes any number of images; what it was made for is in its extra file."""
    side = student.plan.image_size
    any_number = torch.export.Dim("batch", min=1, max=MOST_IMAGES)
    with said_in_a_sentence():
        program = torch.export.export(
            copy.deepcopy(student.network).eval(),
            (torch.zeros(2, 3, side, side),),
            dynamic_shapes=({0: any_number},),
        )
        for node in program.graph.nodes:
            # Where on our disk the code of each operator lies.
            node.meta.pop("stack_trace", None)
        file = io.BytesIO()
        described = json.dumps(student.description("NCHW"))
        torch.export.save(program, file, extra_files={DESCRIPTION: described})
    # Written by us: the library's own writer says of a full disk nothing that a program could read.
    (folder / PROGRAM).write_bytes(file.getbuffer())
