"""The optimiser and the learning rate over a run: the recipe's `optimizer` and `schedule`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from kd_core.spec.section import FromList, Section

LearningRate = Annotated[float, Field(gt=0, le=100)]
Fraction = Annotated[float, Field(ge=0, lt=1)]
Epochs = Annotated[int, Field(ge=1, le=100_000)]


class Sgd(Section):
    kind: Literal["sgd"]
    lr: LearningRate = 0.05
    """Learning rate before the schedule."""
    momentum: Fraction = 0.9
    """How much of the last step is kept."""
    nesterov: bool = False
    """Look ahead along the momentum; needs momentum above 0."""
    weight_decay: Annotated[float, Field(ge=0, le=10)] = 5e-4
    """L2 penalty, on every parameter, as the papers' code has it."""

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> Self:
        if self.nesterov and self.momentum == 0:
            raise PydanticCustomError(
                "invalid", "nesterov needs momentum above 0", {"hint": "set momentum, or drop it"}
            )
        return self


class AdamW(Section):
    kind: Literal["adamw"]
    lr: LearningRate = 1e-3
    """Learning rate before the schedule."""
    beta1: Fraction = 0.9
    """Decay of the mean of the gradients."""
    beta2: Fraction = 0.999
    """Decay of the mean of their squares."""
    eps: Annotated[float, Field(gt=0, le=1)] = 1e-8
    """Added to the denominator."""
    weight_decay: Annotated[float, Field(ge=0, le=10)] = 0.01
    """Decoupled weight decay, on every parameter."""


class Lamb(Section):
    kind: Literal["lamb"]
    lr: LearningRate = 5e-3
    """Learning rate before the schedule."""
    beta1: Fraction = 0.9
    """Decay of the mean of the gradients."""
    beta2: Fraction = 0.999
    """Decay of the mean of their squares."""
    eps: Annotated[float, Field(gt=0, le=1)] = 1e-6
    """Added to the denominator."""
    weight_decay: Annotated[float, Field(ge=0, le=10)] = 0.02
    """Weight decay, on weights of two dimensions and more alone, as timm's training script has it;
    biases and norms are neither decayed nor scaled by their trust ratio."""


class Cosine(Section):
    kind: Literal["cosine"]
    warmup_epochs: Annotated[int, Field(ge=0, le=10_000)] = 0
    """Epochs in which the rate climbs in a straight line to its full value."""
    epochs: Epochs | None = None
    """Over how many epochs it runs; all of the recipe's when not given. In those that come after,
    the rate stays what it was in its last step; where the recipe has fewer, it is not run out."""
    final_fraction: Annotated[float, Field(ge=0, le=1)] = 0.0
    """What is left of the learning rate at its very end."""


class Linear(Section):
    kind: Literal["linear"]
    warmup_epochs: Annotated[int, Field(ge=0, le=10_000)] = 0
    """Epochs in which the rate climbs in a straight line to its full value."""
    epochs: Epochs | None = None
    """Over how many epochs it runs; all of the recipe's when not given. In those that come after,
    the rate stays what it was in its last step; where the recipe has fewer, it is not run out."""
    final_fraction: Annotated[float, Field(ge=0, le=1)] = 0.0
    """What is left of the learning rate at its very end; 1 keeps it as it is."""


class Step(Section):
    kind: Literal["step"]
    warmup_epochs: Annotated[int, Field(ge=0, le=10_000)] = 0
    """Epochs in which the rate climbs in a straight line to its full value."""
    epochs: Epochs | None = None
    """Over how many epochs it runs; all of the recipe's when not given. In those that come after,
    the rate stays what it was in its last step; where the recipe has fewer, it is not run out."""
    milestones: Annotated[
        tuple[Annotated[int, Field(ge=1)], ...], FromList, Field(min_length=1, max_length=100)
    ]
    """Epochs after which the rate is multiplied by gamma, ascending."""
    gamma: Annotated[float, Field(gt=0, lt=1)] = 0.1
    """The factor at each milestone."""

    @model_validator(mode="after")
    def _milestones_ascend(self) -> Self:
        if list(self.milestones) != sorted(set(self.milestones)):
            raise PydanticCustomError(
                "invalid",
                "milestones must ascend and not repeat; got {milestones}",
                {"milestones": list(self.milestones), "hint": "for example [30, 60, 90]"},
            )
        return self


Optimizer = Annotated[Sgd | AdamW | Lamb, Field(discriminator="kind")]
Schedule = Annotated[Cosine | Linear | Step, Field(discriminator="kind")]
