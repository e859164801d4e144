"""The teacher at work: frozen, in evaluation mode, and watched so that it stays so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from kd_core.errors import TeacherUnfit

if TYPE_CHECKING:
    from torch import Tensor, nn

    from kd_core.models.build import Plan


class Teacher:
    """A network that answers and does not learn."""

    def __init__(self, network: nn.Module, plan: Plan, sha256: str) -> None:
        self.network = network.eval().requires_grad_(requires_grad=False)
        self.plan = plan
        self.sha256 = sha256

    def logits(self, images: Tensor) -> Tensor:
        """uint8 [B, S, S, 3] -> float32 [B, C], without a graph."""
        self.assert_frozen()
        with torch.no_grad():
            answer: Tensor = self.network(self.plan.inputs(images))
        return answer

    def assert_frozen(self) -> None:
        """A teacher in train mode drifts with every batch, and nobody would notice."""
        learning = [
            name for name, weight in self.network.named_parameters() if weight.requires_grad
        ]
        training = [name for name, module in self.network.named_modules() if module.training]
        if learning or training:
            raise TeacherUnfit(
                f"the teacher is not frozen: {(learning + training)[0] or 'the whole network'} is "
                "in train mode or asks for a gradient",
                hint="nothing may switch the teacher during a run; this is a defect, report it",
                code="teacher_not_frozen",
            )


@dataclass(frozen=True)
class Lesson:
    """A teacher that was examined, with its answers on the validation split."""

    teacher: Teacher
    answers: Tensor  # float32 [N, C]
    recorded: Callable[[Any], Tensor] | None = None
    """Its answers to the views of a training batch, where they were worked out before."""

    def logits(self, batch: Any) -> Tensor:
        """What the teacher says to a training batch. float32 [B, C]"""
        if self.recorded is not None:
            return self.recorded(batch)
        return self.teacher.logits(batch.images)
