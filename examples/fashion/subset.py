"""The images of a study: the first so many of each class, in one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from fashion.study import ALL_IMAGES, CLASSES, SIDE

from kd_core import data
from kd_core.errors import DataInvalid
from kd_core.files import write_atomically
from kd_core.spec import DataSource

if TYPE_CHECKING:
    from fashion.study import Study


def write(study: Study, folder: Path) -> None:
    """`data-<images>.npz`, made once: training images of the classes in equal parts, and the 10 000
    that everybody reports on.
    """
    if study.data.exists():
        return
    if not len(CLASSES) <= study.images <= ALL_IMAGES:
        raise DataInvalid(
            f"{study.images} training images cannot be taken",
            hint=f"between {len(CLASSES)}, one of each class, and {ALL_IMAGES}, which are all",
        )
    images, labels, test_images, test_labels = _everything(folder)
    taken = _first(labels, study.images // len(CLASSES))
    whole = study.probes or study
    share = min(1.0, study.images / whole.images)  # of a probe: evaluation takes its part too
    tested = _first(test_labels, round(len(test_labels) * share) // len(CLASSES))
    study.folder.mkdir(parents=True, exist_ok=True)
    arrays = {
        "train_images": images[taken],
        "train_labels": labels[taken],
        "val_images": test_images[tested],
        "val_labels": test_labels[tested],
        "class_names": np.array(CLASSES),
    }
    write_atomically(study.data, lambda file: np.savez(file, **arrays))


def _everything(folder: Path) -> tuple[Any, ...]:
    """Images uint8 [N, 28, 28] and labels [N], for training and for testing."""
    if not folder.is_dir():
        raise DataInvalid(
            "Fashion-MNIST is not here",
            hint="apt-get install dataset-fashion-mnist, or name its folder with --data",
            file=str(folder),
            code="data_not_found",
        )
    source = DataSource(dataset=f"file:{folder.resolve()}", image_size=SIDE, class_names=CLASSES)
    dataset = data.read(source, Path.cwd())
    if dataset.test is None:
        raise DataInvalid("there are no test images", hint="bring t10k-*", file=str(folder))
    # The reader has held out a part of the training images; here they are all of one kind.
    halves = (dataset.train, dataset.validation)
    order = np.argsort(np.concatenate([half.index for half in halves]))
    images = np.concatenate([half.images[..., 0] for half in halves])[order]
    labels = np.concatenate([half.labels for half in halves])[order]
    return images, labels, dataset.test.images[..., 0], dataset.test.labels


def _first(labels: Any, of_each: int) -> Any:
    """Rows of the first so many of each class, in their order: at least one, at most all."""
    rows = [np.flatnonzero(labels == number)[: max(of_each, 1)] for number in range(len(CLASSES))]
    return np.sort(np.concatenate(rows))
