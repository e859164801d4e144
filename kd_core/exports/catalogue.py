"""Every format that is made of a student's weights, by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kd_core.spec.export import ARTIFACTS, ExportFormat

if TYPE_CHECKING:
    from pathlib import Path

    from kd_core.exports.student import Student


@dataclass(frozen=True)
class Format:
    """How its files are written into a folder, and which there are."""

    name: ExportFormat
    written: tuple[str, ...]
    write: Callable[[Student, Path], None]
    runtime: str
    """The package that runs them."""

    @property
    def files(self) -> dict[str, str]:
        """By the names that reports know them by."""
        return dict(zip(ARTIFACTS[self.name], self.written, strict=True))


def _onnx(student: Student, folder: Path) -> None:
    # onnx and the exporter take seconds to import, and most runs need neither.
    from kd_core.exports import onnx_graphs

    onnx_graphs.write(student, folder)


def _torch_export(student: Student, folder: Path) -> None:
    from kd_core.exports import torch_program

    torch_program.write(student, folder)


FORMATS: Mapping[str, Format] = {
    known.name: known
    for known in (
        Format(
            "onnx",
            ("student.onnx", "student_uint8.onnx"),
            _onnx,
            runtime="onnxruntime",
        ),
        Format("torch_export", ("student.pt2",), _torch_export, runtime="torch"),
    )
}
