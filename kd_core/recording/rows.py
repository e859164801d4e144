"""How an answer is kept on disk: every class of it, in 4, 2 or 1 byte."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["fp32", "fp16", "uint8"]
Bytes = NDArray[np.uint8]
Logits = NDArray[np.float32]

# How far a row that is read may lie from the answer that was written, as a share of its range.
# Other batches and threads change the last bits of an answer before it is rounded.
TOLERANCE: Mapping[Kind, float] = {"fp32": 1e-4, "fp16": 2e-3, "uint8": 6e-3}
LEVELS = 255


def width(kind: Kind, classes: int) -> int:
    """Bytes of a row."""
    return {"fp32": 4 * classes, "fp16": 2 * classes, "uint8": 8 + classes}[kind]


def encoded(kind: Kind, logits: Logits) -> Bytes:
    """float32 [N, C] -> bytes [N, width]. uint8 keeps a row's least value and range beside it."""
    if kind == "fp32":
        return np.ascontiguousarray(logits).view(np.uint8)
    if kind == "fp16":
        return np.ascontiguousarray(logits.astype(np.float16)).view(np.uint8)
    least = logits.min(axis=1, keepdims=True)
    span = np.maximum(logits.max(axis=1, keepdims=True) - least, np.finfo(np.float32).tiny)
    levels = np.rint((logits - least) / span * LEVELS).astype(np.uint8)
    frame = np.concatenate([least, span], axis=1).astype(np.float32)
    return np.concatenate([frame.view(np.uint8), levels], axis=1)


def decoded(kind: Kind, rows: Bytes) -> Logits:
    """Bytes [N, width] -> float32 [N, C]"""
    rows = np.ascontiguousarray(rows)
    if kind == "fp32":
        return rows.view(np.float32)
    if kind == "fp16":
        return rows.view(np.float16).astype(np.float32)
    frame = np.ascontiguousarray(rows[:, :8]).view(np.float32)
    levels = rows[:, 8:].astype(np.float32)
    return frame[:, :1] + levels * (frame[:, 1:] / np.float32(LEVELS))
