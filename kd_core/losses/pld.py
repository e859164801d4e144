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
FEW_CLASSES = 256  # so few that a float32 sum of descending probabilities loses nothing


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
    source="follows the paper's method section; ties in the teacher go to the lower class index, "
    "where the paper's listing leaves them to an unstable sort; plistmle weighs by 2^(C-k) - 1, as "
    "the method section does: the weights of the ablation, q_k / sum q, would be PLD itself",
    about=About(
        formula=(
            "L = mean_b sum_k alpha_k [ log sum_{l >= k} exp(s at rank l) - s at rank k ]\n"
            "ranks: the label first, then the other classes by descending teacher logit\n"
            "alpha_k = softmax(t / T) of the class at rank k"
        ),
        use="In place of cross-entropy and KD: one term, one temperature, no mixing weight.",
        cost="time B C log C, memory 4 B C",
        invariants=(
            "Never negative, and convex in the student's logits.",
            "A constant added to a row changes nothing; any other step, in its curvature, does.",
            "Not minimal where the student equals the teacher: it still pushes.",
            "The sizes of a sample's gradient add up to 2 / B at most (except plistmle).",
            "With a teacher that is sure of the label, or weights: onehot, it is cross-entropy.",
            "With weights: uniform it is ListMLE / C.",
            "With two classes it is the teacher's belief in the label times cross-entropy.",
        ),
    ),
)
def pld(batch: DistillBatch, params: PldParams) -> dict[str, Tensor]:
    """Mean over the batch of sum_k alpha_k [ LSE(student logits of ranks k..C) - s at rank k ]."""
    from functools import partial

    import torch

    from kd_core import ops
    from kd_core.closed_forms import pld as closed
    from kd_core.closed_forms.closed_form import ClosedForm

    student = ops.widen(batch.student_logits)  # [B, C]
    teacher = ops.widen(batch.teacher_logits).to(student.dtype)
    ranking = _ranking(batch)
    weights = partial(_rank_weights, params)

    def formula(student: Tensor) -> Tensor:
        ranked = student.gather(1, ranking)
        brackets = ops.reverse_logcumsumexp(ranked) - ranked
        # Where a weight is 0, torch's second derivative of logcumsumexp takes its logarithm.
        alpha = weights(teacher, ranking).clamp_min(torch.finfo(student.dtype).tiny)
        return (alpha * brackets).sum(dim=1).mean()

    if params.weights == "plistmle":  # its weights, up to 2^99, are more than the closed form bears
        return {"pld": formula(student)}
    values = partial(closed.values, teacher=teacher, ranking=ranking, weights=weights)
    return {"pld": ClosedForm(formula, values, closed.gradient)(student)}


def _ranking(batch: DistillBatch) -> Tensor:
    """The class at every rank: the label, then the others as the teacher orders them. [B, C]"""
    from kd_core import ops

    if batch.shared is None:
        return ops.descending_order(batch.teacher_logits, first=batch.labels)
    return ops.class_first(batch.once(ops.descending_order, batch.teacher_logits), batch.labels)


def _rank_weights(
    params: PldParams, teacher: Tensor, ranking: Tensor, *, room: Tensor | None = None
) -> Tensor:
    """alpha_k for every rank k. [B, C], or [C] where it does not depend on the sample"""
    import torch

    classes = teacher.shape[1]
    match params.weights:
        case "teacher":
            by_rank = torch.gather(teacher, 1, ranking, out=room)
            if params.temperature != 1:
                by_rank.div_(params.temperature)
            alpha = torch.softmax(by_rank, dim=1)
            if classes <= FEW_CLASSES:
                return alpha
            # softmax adds up one number after another, and loses the small ones after the large.
            return alpha.div_(alpha.sum(dim=1, keepdim=True))
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
