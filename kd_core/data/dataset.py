"""What training reads: decoded samples in their splits, with a digest of all that they are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kd_core.data.images import Paged
from kd_core.data.report import DataReport


# Compared by identity: arrays have no single truth value, the digest is what tells sets apart.
@dataclass(frozen=True, eq=False)
class Samples:
    """N images of S x S pixels, in ascending order of their index."""

    images: NDArray[np.uint8] | Paged  # [N, S, S, 3]
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
    """SHA-256 over the pixels, the labels, the class names and who is in which split: of what is
    trained on and chosen by, and so not of the test split.
    """
    warnings: tuple[str, ...]
    """Of the training and the validation split."""
    has_test: bool
    look_at_test: Callable[[], tuple[Samples, DataReport]]
    """Decodes it; the report is of all splits."""

    @property
    def test(self) -> Samples | None:
        """To be asked for once, after everything was chosen: before that it is not even decoded.
        None when the source brings none.
        """
        return self._looked_at[0] if self.has_test else None

    @property
    def report(self) -> DataReport:
        """Of all splits, so that this looks at the test split too."""
        return self._looked_at[1]

    @cached_property
    def _looked_at(self) -> tuple[Samples, DataReport]:
        return self.look_at_test()


def digest_of(
    splits: Iterable[tuple[Samples, NDArray[np.void]]], class_names: tuple[str, ...] | None
) -> str:
    """The same for the same decoded data, wherever it was read from. Hexadecimal.

    With the samples come the prints of their images.
    """
    digest = hashlib.sha256(json.dumps(class_names).encode())
    for samples, prints in splits:
        shapes = [list(samples.images.shape), samples.labels is not None]
        digest.update(json.dumps(shapes).encode())
        digest.update(prints.tobytes())
        digest.update(samples.index.astype("<i8").tobytes())
        if samples.labels is not None:
            digest.update(samples.labels.astype("<i8").tobytes())
    return digest.hexdigest()
