"""The teacher at work: frozen, in evaluation mode, and watched so that it stays so."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import torch

from kd_core import ops
from kd_core.errors import TeacherUnfit
from kd_core.models.precision import TeacherPrecision, in_bf16

if TYPE_CHECKING:
    from torch import Tensor, nn

    from kd_core.models.build import Plan
    from kd_core.report import TeacherCheck


class Teacher:
    """A network that answers and does not learn. `network` is it in float32; what answers during
    training may be another in other numbers, which was held against it. `columns` are its answers
    for the data's classes, where it has others or has them in another order.
    """

    def __init__(
        self,
        network: nn.Module,
        plan: Plan,
        sha256: str,
        columns: tuple[int, ...] | None = None,
        pointer: str = "/teacher",
    ) -> None:
        frozen = network.eval().requires_grad_(requires_grad=False)
        self.network = frozen.to(memory_format=torch.channels_last)
        self.plan = plan
        self.sha256 = sha256
        own_order = columns == tuple(range(plan.classes))
        self.columns = None if own_order else columns
        self.pointer = pointer
        self.precision: TeacherPrecision = "fp32"
        self.answering = self.network
        self.numbers: str = self.precision
        """What tells its answers from those in other numbers: the precision, the int8 graph."""

    @property
    def name(self) -> str:
        """As people write its place in a specification: teacher, or teachers.0."""
        return self.pointer.strip("/").replace("/", ".")

    @property
    def called(self) -> str:
        """In the middle of a sentence."""
        return "the teacher" if self.name == "teacher" else f"the teacher {self.name}"

    @property
    def members(self) -> tuple[Teacher, ...]:
        return (self,)

    @property
    def shares(self) -> tuple[float, ...]:
        return (1.0,)

    @property
    def identity(self) -> Any:
        """Everything that its answers follow from, as JSON has it."""
        plan = self.plan
        made = [plan.architecture, plan.classes, plan.image_size, plan.mean, plan.std]
        return {
            "weights": self.sha256,
            "plan": made,
            "columns": self.columns,
            "numbers": self.numbers,
        }

    def use(self, precision: Literal["fp32", "bf16"]) -> None:
        """Answer in these numbers from now on."""
        self.precision = self.numbers = precision
        self.answering = in_bf16(self.network) if precision == "bf16" else self.network

    def use_int8(self, graph: nn.Module, sha256: str) -> None:
        """Answer by this graph of the network from now on."""
        self.precision, self.numbers = "int8", f"int8 {sha256}"
        self.answering = graph.eval()

    def logits(self, images: Tensor, plan: Plan | None = None) -> Tensor:
        """uint8 [B, S, S, 3] -> float32 [B, C] over the data's classes, without a graph; `plan`
        shows the images in another way than they are to be shown.
        """
        self.assert_frozen()
        with torch.inference_mode():
            inputs = (plan or self.plan).inputs(images)
            answer: Tensor = self.answering(
                inputs.bfloat16() if self.precision == "bf16" else inputs
            )
            if self.columns is not None:
                answer = answer.index_select(1, torch.tensor(self.columns, device=answer.device))
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


class Ensemble:
    """Several teachers that answer as one: the weighted mean of their probabilities."""

    def __init__(self, members: Sequence[Teacher], weights: Sequence[float]) -> None:
        self.members = tuple(members)
        whole = math.fsum(weights)
        self.shares = tuple(weight / whole for weight in weights)

    @property
    def identity(self) -> Any:
        """Everything that their answers follow from, as JSON has it."""
        both = zip(self.members, self.shares, strict=True)
        return [[member.identity, share] for member, share in both]

    def logits(self, images: Tensor) -> Tensor:
        """uint8 [B, S, S, 3] -> float32 [B, C]: the logarithms of the mean, without a graph."""
        return self.together([member.logits(images) for member in self.members])

    def together(self, answers: Sequence[Tensor]) -> Tensor:
        """One answer of those that the members gave, logits each. [B, C] times M -> [B, C]"""
        logs = [
            ops.log_probabilities(answer, 1) + math.log(share)
            for answer, share in zip(answers, self.shares, strict=True)
        ]
        return torch.stack(logs).logsumexp(dim=0)


@dataclass(frozen=True)
class Lesson:
    """A teacher that was examined, with its answers on the validation split."""

    teacher: Teacher | Ensemble
    answers: Tensor  # float32 [N, C]
    parts: tuple[Lesson, ...] = ()
    """Of each member, where the teacher is an ensemble."""
    recorded: Callable[[Any], Tensor] | None = None
    """Its answers to the views of a training batch, where they were worked out before."""
    check: TeacherCheck | None = None
    """What its examination found."""

    def logits(self, batch: Any) -> Tensor:
        """What the teacher says to a training batch. float32 [B, C]"""
        if self.recorded is not None:
            return self.recorded(batch)
        return self.teacher.logits(batch.images)
