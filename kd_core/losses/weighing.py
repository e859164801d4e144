"""How the weight of a term changes from epoch to epoch: it may warm up, and it may fade."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Epochs = Annotated[int, Field(ge=1, le=100_000)]


class Decay(BaseModel):
    """A weight that falls from its full value to a fraction of it, and stays there."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )

    epochs: Epochs
    """Epochs that the fall takes."""
    from_epoch: Epochs = 1
    """The last epoch at the full value, counted from 1."""
    final_fraction: Annotated[float, Field(ge=0, le=1)] = 0.0
    """What is left of the weight in the end."""
    shape: Literal["cosine", "linear"] = "cosine"
    """cosine: slow at both ends; linear: a straight line."""

    def factor(self, epoch: int) -> float:
        done = min(max(epoch - self.from_epoch, 0) / self.epochs, 1.0)
        left = (1 + math.cos(math.pi * done)) / 2 if self.shape == "cosine" else 1 - done
        return self.final_fraction + (1 - self.final_fraction) * left


def factor(epoch: int | None, warmup_epochs: int, decay: Decay | None) -> float:
    """What a weight is multiplied by in `epoch`, counted from 1. Without an epoch: 1."""
    if epoch is None:
        return 1.0
    warm = min(epoch / warmup_epochs, 1.0) if warmup_epochs else 1.0
    return warm * (decay.factor(epoch) if decay is not None else 1.0)
