"""DKD: KD split into the target class and the rest, weighed apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from kd_core.losses.declaration import (
    About,
    DistillBatch,
    LossParams,
    Needs,
    Temperature,
    Weight,
    distill_loss,
)

if TYPE_CHECKING:
    from torch import Tensor


class DkdParams(LossParams):
    """Split KD into a target-class part and a non-target part and weigh them apart."""

    temperature: Temperature = 4.0
    alpha: Weight = Field(1.0, description="Weight of the target-class part.")
    beta: Weight = Field(8.0, description="Weight of the non-target part.")


@distill_loss(
    "dkd",
    params=DkdParams,
    needs=Needs.LOGITS | Needs.LABELS,
    family="decoupled divergence",
    paper="arXiv:2203.08679",
    source="follows the paper's equation, in log space; with two classes the non-target part is 0",
    about=About(
        formula=(
            "L = T^2 mean_b [ alpha KL(b_t || b_s) + beta KL(q^rest || p^rest) ]\n"
            "b: masses of (the label, all other classes);  ^rest: softmax of the other logits alone"
        ),
        use="When the teacher is so sure that KD says little about the classes beside the label.",
        cost="time B C, memory 3 B C",
        invariants=(
            "0, with gradient 0, where the student equals the teacher; never negative.",
            "KD is the first part plus the teacher's mass on the rest times the second.",
            "With two classes the second part is 0.",
        ),
    ),
    paper_sum=[
        {"kind": "ce", "weight": 1.0},
        {"kind": "dkd", "weight": 1.0, "temperature": 4.0, "alpha": 1.0, "beta": 8.0},
    ],
)
def dkd(batch: DistillBatch, params: DkdParams) -> dict[str, Tensor]:
    """Alpha * KL of (target, rest) masses + beta * KL within the rest, both times T^2."""
    import torch

    from kd_core import ops

    target = batch.labels.unsqueeze(1)  # [B, 1]
    rest = ops.other_classes(batch.labels, batch.student_logits.shape[1])  # [B, C - 1]

    def split(logits: Tensor) -> tuple[Tensor, Tensor]:
        """Log masses of (target, rest), and the log distribution within the rest."""
        log_all = ops.log_probabilities(logits, params.temperature)
        log_rest_mass = log_all.gather(1, rest).logsumexp(dim=1, keepdim=True)
        masses = torch.cat([log_all.gather(1, target), log_rest_mass], dim=1)
        # Not log_all less the mass: where the label is sure, both are large and differ by rounding.
        return masses, ops.log_probabilities(logits.gather(1, rest), params.temperature)

    student_masses, student_rest = split(ops.widen(batch.student_logits))
    teacher_masses, teacher_rest = split(ops.widen(batch.teacher_logits))
    scale = params.temperature**2
    return {
        "tckd": params.alpha * scale * ops.kl_rows(teacher_masses, student_masses).mean(),
        "nckd": params.beta * scale * ops.kl_rows(teacher_rest, student_rest).mean(),
    }
