"""What training reads: decoded samples in their splits, with a digest of all that they are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kd_core.data.report import DataReport


# Compared by identity: arrays have no single truth value, the digest is what tells sets apart.
@dataclass(frozen=True, eq=False)
class Samples:
    """N images of S x S pixels, in ascending order of their index."""

    images: NDArray[np.uint8]  # [N, S, S, 3]
    labels: NDArray[np.int64] | None  # [N]; None when unlabelled
    names: tuple[str, ...]
    """What a user knows each sample by: a path in the folder or archive, or `images[17]`."""
    index: NDArray[np.int64]  # [N]
    """Position of each sample in the source's own order, unique over all splits."""

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True, eq=False)
class DataSet:
    train: Samples
    validation: Samples
    class_names: tuple[str, ...] | None
    """In the order of the labels; None only when the data is unlabelled and nobody named them."""
    digest: str
    """SHA-256 over the pixels, the labels, the class names and who is in which split."""
    warnings: tuple[str, ...]
    report: DataReport
    test: Samples | None = None
    """To be looked at once, after everything was chosen; None when the source brings none."""


def digest_of(splits: Iterable[Samples], class_names: tuple[str, ...] | None) -> str:
    """The same for the same decoded data, wherever it was read from. Hexadecimal."""
    digest = hashlib.sha256(json.dumps(class_names).encode())
    for samples in splits:
        shapes = [list(samples.images.shape), samples.labels is not None]
        digest.update(json.dumps(shapes).encode())
        digest.update(np.ascontiguousarray(samples.images).data)
        digest.update(samples.index.astype("<i8").tobytes())
        if samples.labels is not None:
            digest.update(samples.labels.astype("<i8").tobytes())
    return digest.hexdigest()
