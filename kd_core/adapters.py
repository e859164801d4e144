"""The learnable parts of losses: the task owns them, trains them with the student, ships none."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from kd_core.losses.declaration import DistillBatch

Shapes = Sequence[Sequence[int]] | None


class Adapter(nn.Module, ABC):
    """Stands between the models and one loss: it changes the batch that the loss sees."""

    @abstractmethod
    def adapt(self, batch: DistillBatch, epoch: int | None) -> DistillBatch:
        """The batch with what this part makes of it, in an epoch counted from 1."""

    def readings(self) -> Mapping[str, float]:
        """What people want to follow of it in a curve, by name."""
        return {}


class LearnedTemperature(Adapter):
    """CTKD's temperature: one number, which learns to make the student's task harder.

    The student's gradient reaches it with the sign turned round, by a factor that goes from 0 to
    -1 along a cosine, so that the first epochs are the easy ones (arXiv:2211.16231, as its
    authors' code has it).
    """

    def __init__(self, term: Any, _student: Shapes, _teacher: Shapes) -> None:
        super().__init__()
        self.minimum: float = term.minimum
        self.span: float = term.span
        self.reversal_epochs: int = term.reversal_epochs
        # One number in float64 costs nothing, and takes no precision from logits in float64.
        self.theta = nn.Parameter(torch.tensor(term.theta, dtype=torch.float64))

    def temperature(self) -> Tensor:
        return self.minimum + self.span * torch.sigmoid(self.theta)

    def adapt(self, batch: DistillBatch, epoch: int | None) -> DistillBatch:
        against = _reversal(epoch, self.reversal_epochs)
        learned: Tensor = _Reversed.apply(self.temperature(), against)
        return replace(batch, temperature=learned)

    def readings(self) -> Mapping[str, float]:
        return {"temperature": self.temperature().item()}


def _reversal(epoch: int | None, epochs: int) -> float:
    """From 0 to -1 over so many epochs, counted from 1; without an epoch it is complete."""
    done = 1.0 if epoch is None else min(epoch / epochs, 1.0)
    return (math.cos(math.pi * done) - 1) / 2


class _Reversed(torch.autograd.Function):
    """The same number, with its gradient multiplied."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, factor: float) -> Tensor:
        ctx.factor = factor
        return value.view_as(value)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return ctx.factor * gradients[0], None


ADAPTERS: Mapping[str, Callable[[Any, Shapes, Shapes], Adapter]] = {
    "learned_temperature": LearnedTemperature
}
