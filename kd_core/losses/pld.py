"""PLD: rank the classes as the teacher does, the true label first (Plackett-Luce)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from kd_core.errors import LossInputInvalid
from kd_core.losses.declaration import (
    About,
    DistillBatch,
    LossParams,
    Needs,
    Refusal,
    Temperature,
    distill_loss,
)

if TYPE_CHECKING:
    from torch import Tensor

PLISTMLE_MAX_CLASSES = 100  # its weights are 2^(C - k) - 1: beyond this they are no longer weights


class PldParams(LossParams):
    """Rank all classes as the teacher does, the true label first; trains without cross-entropy."""

    temperature: Temperature = Field(
        1.0,
        description="Softens the teacher's weights only; the student's logits are never divided.",
    )
    weights: Literal["teacher", "uniform", "plistmle", "onehot"] = Field(
        "teacher",
        description="Weight of each rank. teacher: the teacher's probability of the class there; "
        "uniform: 1/C (ListMLE); plistmle: 2^(C-k) - 1 at rank k, for at most "
        f"{PLISTMLE_MAX_CLASSES} classes; onehot: the first rank only, which is cross-entropy.",
    )

    def refusal(self, classes: int) -> Refusal | None:
        if self.weights != "plistmle" or classes <= PLISTMLE_MAX_CLASSES:
            return None
        return Refusal(
            "weights",
            "too_many_classes",
            f"pld with weights: plistmle takes at most {PLISTMLE_MAX_CLASSES} classes; "
            f"got {classes}",
            "use weights: teacher, the published loss",
        )


@distill_loss(
    "pld",
    params=PldParams,
    needs=Needs.LOGITS | Needs.LABELS,
    family="list-wise ranking",
    paper="arXiv:2506.12542",
    source="follows the paper's equation; ties in the teacher go to the lower class index",
    about=About(
        formula=(
            "L = mean_b sum_k alpha_k [ log sum_{l >= k} exp(s at rank l) - s at rank k ]\n"
            "ranks: the label first, then the other classes by descending teacher logit\n"
            "alpha_k = softmax(t / T) of the class at rank k"
        ),
        use="In place of cross-entropy and KD: one term, one temperature, no mixing weight.",
        cost="time B C log C, memory 4 B C",
        invariants=(
            "Convex in the student's logits; never negative; not minimal at s = t.",
            "With a teacher that is sure of the label it is cross-entropy.",
            "With uniform weights it is ListMLE / C.",
        ),
    ),
)
def pld(batch: DistillBatch, params: PldParams) -> dict[str, Tensor]:
    """Mean over the batch of sum_k alpha_k [ LSE(student logits of ranks k..C) - s at rank k ]."""
    import torch

    from kd_core import ops

    teacher = ops.widen(batch.teacher_logits)  # [B, C]
    rest = ops.other_classes(batch.labels, teacher.shape[1])  # [B, C - 1]
    rest_ranked = rest.gather(1, ops.descending_order(teacher.gather(1, rest)))
    ranking = torch.cat([batch.labels.unsqueeze(1), rest_ranked], dim=1)  # [B, C]

    student = ops.widen(batch.student_logits).gather(1, ranking)
    brackets = ops.reverse_logcumsumexp(student) - student
    return {"pld": (_rank_weights(teacher, ranking, params) * brackets).sum(dim=1).mean()}


def _rank_weights(teacher: Tensor, ranking: Tensor, params: PldParams) -> Tensor:
    """alpha_k for every rank k. [B, C], or [C] where it does not depend on the sample"""
    import torch

    classes = teacher.shape[1]
    match params.weights:
        case "teacher":
            return torch.softmax(teacher / params.temperature, dim=1).gather(1, ranking)
        case "uniform":
            return teacher.new_full((classes,), 1 / classes)
        case "onehot":
            return teacher.new_tensor([1.0] + [0.0] * (classes - 1))
        case "plistmle":
            refusal = params.refusal(classes)
            if refusal is not None:
                raise LossInputInvalid(refusal.message, hint=refusal.hint, code=refusal.code)
            ranks = torch.arange(1, classes + 1, dtype=teacher.dtype, device=teacher.device)
            return 2 ** (classes - ranks) - 1
