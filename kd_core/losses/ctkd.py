"""CTKD: KD whose temperature is learned against the student, from easy to hard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from kd_core.losses.declaration import About, DistillBatch, LossParams, Needs, distill_loss

if TYPE_CHECKING:
    from torch import Tensor


class CtkdParams(LossParams):
    """Match the teacher's distribution at a temperature that is learned against the student."""

    theta: float = Field(
        1.0, ge=-20, le=20, description="The learned number, as it begins; T follows from it."
    )
    minimum: float = Field(1.0, ge=0.01, le=1000, description="The least temperature.")
    span: float = Field(
        20.0, ge=0.01, le=1000, description="T = minimum + span * sigmoid(theta) stays below both."
    )
    reversal_epochs: int = Field(
        10,
        ge=1,
        le=100_000,
        description="Epochs in which theta comes to learn fully against the student.",
    )


@distill_loss(
    "ctkd",
    params=CtkdParams,
    needs=Needs.LOGITS,
    family="divergence",
    paper="arXiv:2211.16231",
    source="follows the authors' code for one global temperature; T^2 is learned with it",
    about=About(
        formula=(
            "L = T^2 mean_b KL(q || p),  T = minimum + span sigmoid(theta)\n"
            "theta learns by the gradient of L times a factor that goes 0 -> -1 along a cosine"
        ),
        use="When nobody wants to search for a temperature.",
        cost="time B C, memory 6 B C; one learned number",
        invariants=(
            "0, with gradient 0, where the student equals the teacher; never negative.",
            "Equal to kd at the temperature that it stands at.",
        ),
    ),
    paper_sum=[{"kind": "ce", "weight": 0.1}, {"kind": "ctkd", "weight": 0.9}],
    adapter="learned_temperature",
)
def ctkd(batch: DistillBatch, params: CtkdParams) -> dict[str, Tensor]:  # noqa: ARG001 - they are the adapter's
    """T^2 times the mean KL at the temperature that the adapter has learned."""
    from kd_core import ops

    student = ops.widen(batch.student_logits)
    temperature = batch.temperature.to(student.dtype)
    log_p = ops.log_probabilities(student, temperature)
    log_q = ops.log_probabilities(batch.teacher_logits, temperature)
    return {"kl": temperature**2 * ops.kl_rows(log_q, log_p).mean()}
