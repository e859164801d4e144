"""NKD: cross-entropy against the teacher's belief in the label, and against the rest apart."""

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


class NkdParams(LossParams):
    """Raise the label as far as the teacher believes in it; match the other classes apart."""

    temperature: Temperature = Field(
        1.0, description="Softens the other classes only; the label's part is always at 1."
    )
    gamma: Weight = Field(1.5, description="Weight of the part of the other classes.")


@distill_loss(
    "nkd",
    params=NkdParams,
    needs=Needs.LOGITS | Needs.LABELS,
    family="decoupled cross-entropy",
    paper="arXiv:2303.13005",
    source="follows the authors' code: both parts are cross-entropies, the second one times T^2, "
    "which the paper leaves at T = 1; the softmax of the other classes is restricted exactly, "
    "where the code subtracts 1000 from the label",
    about=About(
        formula=(
            "L = -mean_b q_y log p_y - gamma T^2 mean_b sum_{i != y} q^rest_i log p^rest_i\n"
            "p_y, q_y: of all classes, at temperature 1;  ^rest: softmax of the others' logits / T"
        ),
        use="Beside cross-entropy, where DKD's balance of alpha and beta is hard to find: the "
        "label's part fades by itself where the teacher does not believe in the label.",
        cost="time B C, memory 6 B C",
        invariants=(
            "Never negative; not 0 where the student equals the teacher, as cross-entropy is not.",
            "The second part has the gradient of DKD's non-target part with beta = gamma.",
            "With two classes the second part is 0.",
        ),
    ),
    paper_sum=[
        {"kind": "ce", "weight": 1.0},
        {"kind": "nkd", "weight": 1.0, "temperature": 1.0, "gamma": 1.5},
    ],
)
def nkd(batch: DistillBatch, params: NkdParams) -> dict[str, Tensor]:
    """-q_y log p_y, and gamma T^2 times the cross-entropy of the restricted distributions."""
    import torch

    from kd_core import ops

    label = batch.labels.unsqueeze(1)  # [B, 1]
    student, teacher = ops.widen(batch.student_logits), ops.widen(batch.teacher_logits)

    def rest(logits: Tensor) -> tuple[Tensor, Tensor]:
        """Divided logits above their largest beside the label: with the label, and without it."""
        top = logits.detach().scatter(1, label, -torch.inf).amax(dim=1, keepdim=True)
        divided = (logits - top) / params.temperature
        return divided, divided.scatter(1, label, -torch.inf)

    log_p = ops.log_probabilities(student, 1.0).gather(1, label)
    log_q = ops.log_probabilities(teacher, 1.0).gather(1, label)
    student_all, student_rest = rest(student)
    _, teacher_rest = rest(teacher)
    # The restricted q is exactly 0 at the label, which is how its student logit drops out. Both
    # parts of the difference are positive: nothing cancels, however far the logits are apart.
    likelihood = (torch.softmax(teacher_rest, dim=1) * student_all).sum(dim=1)
    crossed = student_rest.logsumexp(dim=1) - likelihood
    return {
        "target": -(log_q.exp() * log_p).mean(),
        "rest": params.gamma * params.temperature**2 * crossed.mean(),
    }
