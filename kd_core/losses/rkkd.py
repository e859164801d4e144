"""RKKD: order the classes as the teacher does, by a smooth Kendall's tau over all pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from kd_core.losses.declaration import About, DistillBatch, LossParams, Needs, distill_loss

if TYPE_CHECKING:
    from torch import Tensor


class RkkdParams(LossParams):
    """Order every pair of classes as the teacher does; added to a loss such as KD."""

    k: float = Field(
        100.0,
        ge=1e-3,
        le=1e7,
        description="Steepness. A pair of classes counts in full once its logits differ by more "
        "than about 3 / k; the student is pushed only where they differ by less. A very large k "
        "gives Kendall's tau itself, which pushes nothing.",
    )
    form: Literal["tanh", "teacher_sign", "product"] = Field(
        "tanh",
        description="What a pair counts, ds and dt being its gaps. tanh: tanh(k ds) tanh(k dt); "
        "teacher_sign: tanh(k ds) sign(dt), the teacher's order alone; product: tanh(k ds dt), "
        "where a wide gap of the teacher asks for less of the student (DiffKendall).",
    )


@distill_loss(
    "rkkd",
    params=RkkdParams,
    needs=Needs.LOGITS,
    family="pair-wise ranking",
    paper="arXiv:2409.17823",
    source=(
        "written from accounts of the paper, as no code was released: the tanh of both gaps with "
        "one k (its equations 7, 8 and 11), raw logits, all pairs, k = 100, and a ranking weight "
        "equal to the KD term's are reported. Our own reading: the constant 1 (which moves no "
        "gradient), the mean over the batch, and 0.9 as that weight. The forms teacher_sign and "
        "product are not known to be the paper's; product is DiffKendall's (arXiv:2307.15317), "
        "whose beta is 2 k"
    ),
    about=About(
        formula=(
            "L = mean_b [1 - tau],  tau = 2 / (C (C - 1)) sum_{i < j} pair(s_i - s_j, t_i - t_j)\n"
            "pair(ds, dt) = tanh(k ds) tanh(k dt);  teacher_sign: tanh(k ds) sign(dt);"
            "  product: tanh(k ds dt)\n"
            "dL/ds_i = -(2 k / (C (C - 1))) sum_j [1 - tanh^2(k (s_i - s_j))] tanh(k (t_i - t_j))"
        ),
        use=(
            "Beside KD, DKD or any other loss, when the order of the classes matters, that of the "
            "unlikely ones too, which a divergence hardly sees. At k = 100 it is a light push, on "
            "pairs that are nearly tied. Do not wait for 0: it is not minimal at s = t."
        ),
        cost=(
            "memory a few B C, never B C C. Time for float32 and tanh: B C at small k x range, "
            "B C times the neighbours within 7 / k at large; else B C^2, in blocks"
        ),
        invariants=(
            "Between 0 and 2; labels have no effect.",
            "With tanh and product, student and teacher may change places.",
            "A student with all signs turned has the opposite tau.",
            "At k = 1e6, and without ties, tau is Kendall's.",
            "A tied pair counts 0.",
            "With tanh and teacher_sign, no entry of a sample's gradient exceeds 2 k / C.",
        ),
    ),
    paper_sum=[
        {"kind": "ce", "weight": 0.1},
        {"kind": "kd", "weight": 0.9, "temperature": 4.0},
        {"kind": "rkkd", "weight": 0.9},
    ],
)
def rkkd(batch: DistillBatch, params: RkkdParams) -> dict[str, Tensor]:
    """1 less the mean rank correlation, where every pair of classes counts smoothly."""
    import torch

    from kd_core import ops
    from kd_core.closed_forms.closed_form import ClosedForm, Saved, saved_gradient
    from kd_core.kendall.correlation import rank_correlation
    from kd_core.kendall.measure import Form

    student, teacher = ops.widen(batch.student_logits), ops.widen(batch.teacher_logits)
    shared_type = torch.promote_types(student.dtype, teacher.dtype)
    student, teacher = student.to(shared_type), teacher.to(shared_type)  # [B, C]
    form = Form(params.form)

    def formula(student: Tensor) -> Tensor:
        gaps, teacher_gaps = (x.unsqueeze(2) - x.unsqueeze(1) for x in (student, teacher))
        match form:
            case Form.TANH:
                pairs = torch.tanh(params.k * gaps) * torch.tanh(params.k * teacher_gaps)
            case Form.TEACHER_SIGN:
                pairs = torch.tanh(params.k * gaps) * torch.sign(teacher_gaps)
            case Form.PRODUCT:
                pairs = torch.tanh(params.k * gaps * teacher_gaps)
        classes = student.shape[1]
        tau = pairs.sum(dim=(1, 2)) / (classes * (classes - 1))
        return (1 - tau).mean()

    def values(student: Tensor) -> tuple[Tensor, Saved]:
        tau, slope = rank_correlation(student, teacher, params.k, form)
        loss = (1 - tau).mean().to(student.dtype)
        return loss, (slope.div_(-len(slope)),)

    return {"rank": ClosedForm(formula, values, saved_gradient)(student)}
