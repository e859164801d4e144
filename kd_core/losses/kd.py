"""KD: match the teacher's softened distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from kd_core.losses.declaration import (
    About,
    DistillBatch,
    LossParams,
    Needs,
    Temperature,
    distill_loss,
)

if TYPE_CHECKING:
    from torch import Tensor


class KdParams(LossParams):
    """Match the teacher's softened class distribution by a Kullback-Leibler divergence."""

    temperature: Temperature = 4.0
    direction: Literal["forward", "reverse", "symmetric"] = Field(
        "forward",
        description="forward: KL(teacher || student), covers all that the teacher believes; "
        "reverse: KL(student || teacher), seeks its modes; symmetric: the average of both.",
    )


@distill_loss(
    "kd",
    params=KdParams,
    needs=Needs.LOGITS,
    family="divergence",
    paper="arXiv:1503.02531",
    source="follows the paper's equation; sum over classes, mean over the batch, times T^2",
    about=About(
        formula="L = T^2 mean_b KL(q || p);  reverse: KL(p || q);  symmetric: the mean of both",
        use="The baseline: cheap, stable, needs no labels.",
        cost="time B C, memory 2 B C",
        invariants=(
            "0, with gradient 0, where the student equals the teacher; never negative.",
            "The gradient of the forward direction is T (p - q) / B.",
        ),
    ),
    paper_sum=[{"kind": "ce", "weight": 0.1}, {"kind": "kd", "weight": 0.9, "temperature": 4.0}],
)
def kd(batch: DistillBatch, params: KdParams) -> dict[str, Tensor]:
    """T^2 times the mean KL; T^2 keeps the gradient's size when the temperature rises."""
    from kd_core import ops

    log_p = ops.log_probabilities(batch.student_logits, params.temperature)
    log_q = ops.log_probabilities(batch.teacher_logits, params.temperature)
    match params.direction:
        case "forward":
            rows = ops.kl_rows(log_q, log_p)
        case "reverse":
            rows = ops.kl_rows(log_p, log_q)
        case "symmetric":
            rows = (ops.kl_rows(log_q, log_p) + ops.kl_rows(log_p, log_q)) / 2
    return {"kl": params.temperature**2 * rows.mean()}
