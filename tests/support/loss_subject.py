"""What a law of losses is tried on: a loss with chosen parameters, and a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from kd_core.losses.catalog import LOSSES
from kd_core.losses.declaration import LossSpec
from kd_core.objective import Loss, loss
from tests.support.loss_parameters import Params, choices

GAP = 200.0


@dataclass(frozen=True)
class Batch:
    student: Tensor  # [B, C]
    teacher: Tensor  # [B, C]
    labels: Tensor  # [B]

    @property
    def inputs(self) -> dict[str, Tensor]:
        """As a loss names them when it is called."""
        return {
            "student_logits": self.student,
            "teacher_logits": self.teacher,
            "labels": self.labels,
        }

    def to(self, dtype: torch.dtype) -> Batch:
        return replace(self, student=self.student.to(dtype), teacher=self.teacher.to(dtype))

    def rows(self, index: Any) -> Batch:
        return Batch(self.student[index], self.teacher[index], self.labels[index])


@dataclass(frozen=True)
class Measured:
    value: Tensor  # []
    gradient: Tensor  # [B, C], of the value in the student's logits

    @property
    def is_finite(self) -> bool:
        return bool(self.value.isfinite()) and bool(self.gradient.isfinite().all())


@dataclass(frozen=True)
class Subject:
    """A loss at some of its choices. `build` makes it callable, as kd_core.loss does."""

    spec: LossSpec
    build: Callable[..., Loss]
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return "-".join([self.spec.kind, *(f"{key}={value}" for key, value in self.params.items())])

    def at(self, **changes: Any) -> Subject:
        return replace(self, params={**self.params, **changes})

    def loss(self, **changes: Any) -> Loss:
        return self.build(**{**self.params, **changes})

    @property
    def settings(self) -> Params:
        """Every parameter of the loss itself, defaults included."""
        return self.loss().term.model_dump(include=set(self.spec.params.model_fields))


def declared() -> list[Subject]:
    """Every loss of the catalogue, at its defaults."""
    return [Subject(spec, partial(loss, kind)) for kind, spec in LOSSES.items()]


def declared_at_every_choice() -> list[Subject]:
    return [subject.at(**params) for subject in declared() for params in choices(subject.spec)]


def measure(subject: Subject, batch: Batch) -> Measured:
    student = batch.student.detach().requires_grad_()  # not a copy: the layout in memory stays
    value = subject.loss()(**replace(batch, student=student).inputs)
    (gradient,) = torch.autograd.grad(value, student)
    return Measured(value.detach(), gradient)


def random_batch(seed: int, *, samples: int = 3, classes: int = 5) -> Batch:
    """Logits as networks make them, in float64, no two of a row alike."""
    source = torch.Generator().manual_seed(seed)
    student, teacher = 3 * torch.randn(2, samples, classes, generator=source, dtype=torch.float64)
    return Batch(student, teacher, torch.randint(classes, (samples,), generator=source))


def tied(batch: Batch) -> Batch:
    """The same batch with a teacher whose logits are whole, few, and mostly not unique."""
    return replace(batch, teacher=torch.round(batch.teacher / 3))


def extremes(batch: Batch) -> dict[str, Batch]:
    """Logits of +-50, alike and opposed, and one class 200 above or below all others."""
    fifty, other_fifty = 50 * torch.sign(batch.student), 50 * torch.sign(batch.teacher)
    label = GAP * one_hot(batch.labels, batch.student.shape[1]).to(batch.student.dtype)
    wrong = label.roll(1, dims=1)
    pairs = {
        "fifty": (fifty, other_fifty),
        "fifty, equal": (fifty, fifty),
        "fifty, opposed": (fifty, -fifty),
        "both sure": (label, label),
        "student wrong": (wrong, label),
        "teacher wrong": (label, wrong),
        "student blind to the label": (-label, label),
        "teacher blind to the label": (label, -label),
    }
    return {name: replace(batch, student=s, teacher=t) for name, (s, t) in pairs.items()}
