"""How often each tensor of a graph has values of which magnitude, and what may be cut off of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper

from kd_core.models.onnx.calibration import Ranges
from kd_core.models.onnx.session import open_session

if TYPE_CHECKING:
    from torch import Tensor

Counts = NDArray[np.int64]
LEVELS = 128
"""That int8 has for values of one sign: no fewer bins can tell it from float."""
BINS = 64 * LEVELS
RARE = 1e-4
AT_A_TIME = 4  # images, of which every tensor is in memory at once


@dataclass(frozen=True)
class Magnitudes:
    """In bins of one width from 0 to the greatest magnitude; zeros are left out. int64 [BINS]

    What is cut off of a range is cut off by magnitude: where both signs occur, on both sides.
    """

    widest: Ranges
    counts: Mapping[str, Counts]

    def percentile(self) -> Ranges:
        """All but one value in ten thousand lie within."""
        return {name: self._within(name, _all_but_rare(at)) for name, at in self.counts.items()}

    def entropy(self) -> Ranges:
        """Where the values, cut off and rounded, tell the most of how they were spread."""
        return {name: self._within(name, _most_telling(at)) for name, at in self.counts.items()}

    def _within(self, name: str, bins: int) -> tuple[float, float]:
        least, greatest = self.widest[name]
        bound = _greatest_magnitude(self.widest[name]) * bins / BINS
        return max(least, -bound), min(greatest, bound)


def counted(
    graph: ModelProto, widest: Ranges, batches: Iterator[Tensor], threads: int
) -> Magnitudes:
    """Run the graph over batches of inputs [B, 3, S, S], AT_A_TIME images in each.

    `widest`: between which values each tensor lies, seen on the same images.
    """
    given = graph.graph.input[0].name
    names = [name for name in widest if name != given]
    session = open_session(_showing(graph, names), threads)
    counts = {name: np.zeros(BINS, np.int64) for name in widest}
    for batch in batches:
        images = batch.contiguous().numpy()
        found = session.run(names, {given: images})
        for name, values in zip([given, *names], [images, *found], strict=True):
            counts[name] += _count(values, _greatest_magnitude(widest[name]))
    return Magnitudes(widest, counts)


def _showing(graph: ModelProto, names: list[str]) -> bytes:
    showing = ModelProto()
    showing.CopyFrom(graph)
    there = {one.name for one in showing.graph.output}
    showing.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
        for name in names
        if name not in there
    )
    serialised: bytes = showing.SerializeToString()
    return serialised


def _count(values: NDArray[np.float32], greatest: float) -> Counts:
    if not greatest > 0:
        return np.zeros(BINS, np.int64)
    magnitudes = np.abs(values[values != 0])
    bins = (magnitudes * np.float32(BINS / greatest)).astype(np.int32)
    return np.bincount(np.minimum(bins, BINS - 1), minlength=BINS)


def _all_but_rare(counts: Counts) -> int:
    """How many bins to keep."""
    below = counts.cumsum()
    return int(np.searchsorted(below, below[-1] * (1 - RARE))) + 1 if below[-1] else BINS


def _most_telling(counts: Counts) -> int:
    """How many bins to keep. Follows the calibration by relative entropy of TensorRT: what lies
    beyond counts as the last bin, and each level as spread over the bins in it that are not empty.
    """
    if not counts.any():
        return BINS
    kept = range(LEVELS, BINS + 1, LEVELS)
    return min(kept, key=lambda bins: _lost(counts, bins))


def _lost(counts: Counts, bins: int) -> float:
    """The divergence, in nats, of what int8 shows of the first bins from what was counted."""
    within = counts[:bins].astype(np.float64)
    exact = within.copy()
    exact[-1] += counts[bins:].sum()
    levels = within.reshape(LEVELS, -1)
    filled = levels > 0
    shown = (filled * (levels.sum(axis=1) / np.maximum(filled.sum(axis=1), 1))[:, None]).ravel()
    there = exact > 0
    if not within.any() or (shown[there] == 0).any():
        return np.inf
    shares, others = exact[there] / exact.sum(), shown[there] / shown.sum()
    return float((shares * np.log(shares / others)).sum())


def _greatest_magnitude(extremes: tuple[float, float]) -> float:
    return max(abs(float(end)) for end in extremes)
