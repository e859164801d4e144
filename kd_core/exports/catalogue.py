"""Every format that is made of a student's weights, by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kd_core.spec.export import ARTIFACTS, ExportFormat

if TYPE_CHECKING:
    from pathlib import Path

    from kd_core.exports.proof import Proof
    from kd_core.exports.student import Student
    from kd_core.exports.workshop import Workshop


@dataclass(frozen=True)
class Format:
    """How its files are written into a folder, and which there are."""

    name: ExportFormat
    written: tuple[str, ...]
    write: Callable[[Workshop, Path], None]
    prove: Callable[[Workshop, Path], Proof]
    """What one of its files is worth; Unexportable where it is not what it should be."""
    rehearse: Callable[[Student, Path], None]
    """Written of a network that has not learnt anything yet, to see whether it can be."""
    runtime: str
    """The package that runs them."""

    @property
    def files(self) -> dict[str, str]:
        """By the names that reports know them by."""
        return dict(zip(ARTIFACTS[self.name], self.written, strict=True))


# onnx and the exporter take seconds to import, and most runs need neither.


def _onnx(student: Student, folder: Path) -> None:
    from kd_core.exports import onnx_graphs

    onnx_graphs.write(student, folder)


def _torch_export(student: Student, folder: Path) -> None:
    from kd_core.exports import torch_program

    torch_program.write(student, folder)


def _int8(workshop: Workshop, folder: Path) -> None:
    from kd_core.exports import int8_graph

    int8_graph.write(workshop, folder)


def _int8_once(student: Student, folder: Path) -> None:
    from kd_core.exports import int8_graph

    int8_graph.rehearse(student, folder)


def _proof_of_int8(workshop: Workshop, file: Path) -> Proof:
    from kd_core.exports import int8_graph

    return int8_graph.prove(workshop, file)


def _exact(
    name: ExportFormat,
    written: tuple[str, ...],
    write: Callable[[Student, Path], None],
    runtime: str,
) -> Format:
    """Made of nothing but the student, and held against it."""
    return Format(
        name,
        written,
        write=lambda workshop, folder: write(workshop.student, folder),
        prove=lambda workshop, file: workshop.trial.of(file),
        rehearse=write,
        runtime=runtime,
    )


FORMATS: Mapping[str, Format] = {
    known.name: known
    for known in (
        _exact("onnx", ("student.onnx", "student_uint8.onnx"), _onnx, "onnxruntime"),
        Format(
            "onnx_int8",
            ("student_int8.onnx",),
            _int8,
            prove=_proof_of_int8,
            rehearse=_int8_once,
            runtime="onnxruntime",
        ),
        _exact("torch_export", ("student.pt2",), _torch_export, "torch"),
    )
}
