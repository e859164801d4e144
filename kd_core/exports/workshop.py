"""What it takes to make the files of a student, beside the student itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from kd_core.exports.proof import Trial
    from kd_core.exports.student import Student
    from kd_core.models.onnx.calibration import Images


@dataclass(frozen=True)
class Workshop:
    student: Student
    trial: Trial
    training_images: Images
    threads: int
    notes: Path
    """A folder for what was found out on the way and no user ships."""
