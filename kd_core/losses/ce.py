"""Cross-entropy against the true label: the term that distillation is usually added to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from kd_core.losses.declaration import About, DistillBatch, LossParams, Needs, distill_loss

if TYPE_CHECKING:
    from torch import Tensor


class CeParams(LossParams):
    """Cross-entropy of the student against the true label; no teacher."""

    label_smoothing: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Share of the label that is spread evenly over all classes, itself included.",
    )


@distill_loss(
    "ce",
    params=CeParams,
    needs=Needs.STUDENT_LOGITS | Needs.LABELS,
    family="supervised",
    paper="Good 1952; the baseline of every paper here",
    source="follows the definition, and torch's in what label smoothing means",
    about=About(
        formula=(
            "L = mean_b -log softmax(s)[y]\n"
            "mixed labels: mean_b sum_i -y_i log softmax(s)[i], y_i the share of class i\n"
            "label_smoothing e: y_i becomes (1 - e) y_i + e / C"
        ),
        use=(
            "Beside a term that learns from the teacher; alone, it is training without a teacher. "
            "Smooth labels seldom go with a teacher: it already says how sure to be."
        ),
        cost="time B C, memory 2 B C",
        invariants=(
            "A constant added to a row of logits changes nothing.",
            "The rows of the gradient sum to 0.",
            "With mixed labels it is the mean of the losses of the classes, by their shares.",
        ),
    ),
    mixed_labels=True,
)
def ce(batch: DistillBatch, params: CeParams) -> dict[str, Tensor]:
    """Mean over the batch of -log p[label], or of every class by its share."""
    from torch.nn.functional import cross_entropy

    from kd_core import ops

    student = ops.widen(batch.student_logits)  # [B, C]
    mixed = batch.labels.is_floating_point()
    labels = batch.labels.to(student.dtype) if mixed else batch.labels
    return {"ce": cross_entropy(student, labels, label_smoothing=params.label_smoothing)}
