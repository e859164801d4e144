"""What a model answered to each sample and how surely: all that most of a diagnosis looks at."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

MOST_AT_ONCE = 2**24
"""Numbers that are raised to float64 at a time: of 21 841 classes all rows would be gigabytes."""


@dataclass(frozen=True)
class Answered:
    logits: Tensor
    """float [N, C]"""
    classes: Tensor
    """Of the best answer. int64 [N]"""
    confidence: Tensor
    """Its probability. float64 [N]"""

    @classmethod
    def of(cls, logits: Tensor) -> Answered:
        rows = max(1, MOST_AT_ONCE // logits.shape[1])
        best = [part.double().softmax(dim=1).amax(dim=1) for part in torch.split(logits, rows)]
        # From the logits, as top-1 is: rounding makes ties among probabilities that are not there.
        return cls(logits, logits.argmax(dim=1), torch.cat(best))
