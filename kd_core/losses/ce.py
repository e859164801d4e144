"""Cross-entropy against the true label: the term that distillation is usually added to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kd_core.losses.declaration import DistillBatch, LossParams, Needs, distill_loss

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
)
def ce(batch: DistillBatch, params: CeParams) -> dict[str, Tensor]:  # noqa: ARG001 - it has none
    """Mean over the batch of -log p[label]."""
    from torch.nn.functional import cross_entropy

    from kd_core import ops

    return {"ce": cross_entropy(ops.widen(batch.student_logits), batch.labels)}
