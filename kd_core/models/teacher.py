"""The teacher at work: frozen, in evaluation mode, and watched so that it stays so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import torch

from kd_core.errors import TeacherUnfit
from kd_core.models.precision import TeacherPrecision, in_bf16

if TYPE_CHECKING:
    from torch import Tensor, nn

    from kd_core.models.build import Plan


class Teacher:
    """A network that answers and does not learn. `network` is it in float32; what answers during
    training may be another in other numbers, which was held against it.
    """

    def __init__(self, network: nn.Module, plan: Plan, sha256: str) -> None:
        frozen = network.eval().requires_grad_(requires_grad=False)
        self.network = frozen.to(memory_format=torch.channels_last)
        self.plan = plan
        self.sha256 = sha256
        self.precision: TeacherPrecision = "fp32"
        self.answering = self.network
        self.numbers: str = self.precision
        """What tells its answers from those in other numbers: the precision, the int8 graph."""

    def use(self, precision: Literal["fp32", "bf16"]) -> None:
        """Answer in these numbers from now on."""
        self.precision = self.numbers = precision
        self.answering = in_bf16(self.network) if precision == "bf16" else self.network

    def use_int8(self, graph: nn.Module, sha256: str) -> None:
        """Answer by this graph of the network from now on."""
        self.precision, self.numbers = "int8", f"int8 {sha256}"
        self.answering = graph.eval()

    def logits(self, images: Tensor) -> Tensor:
        """uint8 [B, S, S, 3] -> float32 [B, C], without a graph."""
        self.assert_frozen()
        with torch.inference_mode():
            inputs = self.plan.inputs(images)
            answer: Tensor = self.answering(
                inputs.bfloat16() if self.precision == "bf16" else inputs
            )
        # A tensor of inference mode may not be kept for a backward pass; a copy of it may.
        return answer.clone().float()

    def assert_frozen(self) -> None:
        """A teacher in train mode drifts with every batch, and nobody would notice."""
        learning = [
            name for name, weight in self.answering.named_parameters() if weight.requires_grad
        ]
        training = [name for name, module in self.answering.named_modules() if module.training]
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
