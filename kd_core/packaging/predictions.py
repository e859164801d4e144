"""predictions.csv: every held-out sample with its label and the answers of teacher and student."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from kd_core.files import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from kd_core.data.dataset import Samples

COLUMNS = ("index", "sample", "label", "teacher", "student")


def write(path: Path, samples: Samples, teacher: Tensor | None, student: Tensor) -> None:
    """Answers are class indices; a column that does not exist for this run is left empty.

    `index` is the position of the sample in the data set's own order.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    empty = [""] * len(samples.names)
    writer.writerows(
        zip(
            samples.index.tolist(),
            samples.names,
            empty if samples.labels is None else samples.labels.tolist(),
            empty if teacher is None else teacher.argmax(dim=1).tolist(),
            student.argmax(dim=1).tolist(),
            strict=True,
        )
    )
    write_atomically(path, text.getvalue().encode())
