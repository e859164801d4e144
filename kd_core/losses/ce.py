"""Cross-entropy against the true label: the term that distillation is usually added to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kd_core.losses.declaration import About, DistillBatch, LossParams, Needs, distill_loss

if TYPE_CHECKING:
    from torch import Tensor


class CeParams(LossParams):
    """Cross-entropy of the student against the true label; no teacher."""


@distill_loss(
    "ce",
    params=CeParams,
    needs=Needs.STUDENT_LOGITS | Needs.LABELS,
    family="supervised",
    paper="Good 1952; the baseline of every paper here",
    source="follows the definition",
    about=About(
        formula="L = mean_b -log softmax(s)[y]",
        use="Beside a term that learns from the teacher; alone, it is training without a teacher.",
        cost="time B C, memory 2 B C",
        invariants=(
            "A constant added to a row of logits changes nothing.",
            "The rows of the gradient sum to 0.",
        ),
    ),
)
def ce(batch: DistillBatch, params: CeParams) -> dict[str, Tensor]:  # noqa: ARG001 - it has none
    """Mean over the batch of -log p[label]."""
    from torch.nn.functional import cross_entropy

    from kd_core import ops

    return {"ce": cross_entropy(ops.widen(batch.student_logits), batch.labels)}
