"""DIST: correlate with the teacher, across the classes of a sample and the samples of a class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from kd_core.losses.declaration import (
    About,
    DistillBatch,
    LossParams,
    Needs,
    Weight,
    distill_loss,
)

if TYPE_CHECKING:
    from torch import Tensor

FEW = 16  # samples or classes


class DistParams(LossParams):
    """Correlate with the teacher's probabilities, across classes and across the batch."""

    temperature: float = Field(
        4.0,
        ge=0.01,
        # Much above it the probabilities differ by less than what is added to their norms.
        le=100,
        description="Divides the logits before the softmax; higher is softer.",
    )
    beta: Weight = Field(2.0, description="Weight of the part across the classes of a sample.")
    gamma: Weight = Field(2.0, description="Weight of the part across the samples of a class.")


@distill_loss(
    "dist",
    params=DistParams,
    needs=Needs.LOGITS | Needs.WHOLE_BATCH,
    family="correlation",
    paper="arXiv:2205.10536",
    source="follows the authors' code for classification: T^2 times both parts, 1e-8 added to the "
    "product of the norms; the paper's equation, and the code for segmentation, have no T^2",
    about=About(
        formula=(
            "L = T^2 [ beta (1 - mean_b r(p_b, q_b)) + gamma (1 - mean_c r(p_:c, q_:c)) ]\n"
            "r(a, b) = <a - mean a, b - mean b> / (|a - mean a| |b - mean b| + 1e-8)\n"
            "p_b: a sample's row of p;  p_:c: a class's column of p, over the batch"
        ),
        use="When the teacher is much stronger: how it spaces the classes counts, not its exact "
        "probabilities. Better with large batches; a batch of one has no second part.",
        cost="time B C, memory 3 B C",
        invariants=(
            "Each part lies between 0 and 2 T^2 times its weight.",
            "Nearly 0 where the student equals the teacher: the 1e-8 is what is left.",
            "A sample's probabilities times a positive number, plus another: the first part stays.",
            "For a single sample the second part is gamma T^2, with gradient 0.",
        ),
    ),
    paper_sum=[
        {"kind": "ce", "weight": 1.0},
        {"kind": "dist", "weight": 1.0, "temperature": 4.0, "beta": 2.0, "gamma": 2.0},
    ],
)
def dist(batch: DistillBatch, params: DistParams) -> dict[str, Tensor]:
    """T^2 (1 - correlation), averaged over the samples (inter) and over the classes (intra)."""
    import torch

    from kd_core import ops
    from kd_core.closed_forms.closed_form import ClosedForm
    from kd_core.closed_forms.dist import EPSILON, Correlations

    logits = ops.widen(batch.student_logits)
    # A correlation of few numbers is close to +-1 or made of almost nothing: the slope is what
    # cancelling leaves, and in single precision that is rounding.
    student = logits.double() if min(logits.shape) <= FEW else logits
    teacher = ops.widen(batch.teacher_logits).to(student.dtype)
    scale = (params.beta * params.temperature**2, params.gamma * params.temperature**2)

    def correlation(p: Tensor, q: Tensor, dim: int) -> Tensor:
        a, b = (at - at.mean(dim=dim, keepdim=True) for at in (p, q))
        a_norm, b_norm = (torch.linalg.vector_norm(at, dim=dim) for at in (a, b))
        r: Tensor = (a * b).sum(dim=dim) / (a_norm * b_norm + EPSILON)
        return r

    def formula(logits: Tensor) -> Tensor:
        p, q = (torch.softmax(at / params.temperature, dim=1) for at in (logits, teacher))
        inter, intra = (1 - correlation(p, q, dim).mean() for dim in (1, 0))
        return torch.stack([scale[0] * inter, scale[1] * intra])

    closed = Correlations(teacher, params.temperature, scale)
    terms = ClosedForm(formula, closed.values, closed.gradient)(student)
    inter, intra = terms.to(logits.dtype).unbind()
    return {"inter": inter, "intra": intra}
