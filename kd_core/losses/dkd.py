"""DKD: KD split into the target class and the rest, weighed apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from kd_core.losses.declaration import (
    About,
    Direction,
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
    strategy: Literal["target", "top1"] = Field(
        "target",
        description="Which class is the target. target: the label; top1: the class that the "
        "teacher ranks first, of equals the one with the lower index.",
    )
    kl_direction: Direction = Field(
        "forward",
        description="Of the non-target part. forward: KL(teacher || student); reverse: "
        "KL(student || teacher); symmetric (or both): the mean of the two.",
    )
    standardize: bool = Field(
        default=False,
        description="Compare shapes only: every row of logits less its mean, by its standard "
        "deviation, before the temperature. The authors then multiply alpha and beta by 9.",
    )


@distill_loss(
    "dkd",
    params=DkdParams,
    needs=Needs.LOGITS | Needs.LABELS,
    family="decoupled divergence",
    paper="arXiv:2203.08679",
    source=(
        "follows the paper's equation, in log space, where the authors' code subtracts 1000 from "
        "what it masks; top1 and kl_direction follow the DKDMod of GDKD's authors (their both is "
        "our symmetric), standardize the code of logit standardisation (arXiv:2403.01427); with "
        "two classes the non-target part is 0"
    ),
    about=About(
        formula=(
            "L = T^2 mean_b [ alpha KL(b_t || b_s) + beta KL(q^rest || p^rest) ]\n"
            "b: masses of (the target, all other classes);  ^rest: softmax of the other logits\n"
            "standardize: s, t become (x - mean x) / (std x + 1e-7), std with C - 1"
        ),
        use=(
            "When the teacher is so sure that KD says little about the classes beside the label: "
            "KD weighs them by the teacher's mass on them, DKD by beta. Raise beta where the "
            "student is weak and the teacher sure. Without trusted labels, or for a teacher that "
            "is torn between several classes, take gdkd."
        ),
        cost="time B C, memory 3 B C",
        invariants=(
            "0, with gradient 0, where the student equals the teacher; never negative.",
            "KD is the first part plus the teacher's mass on the rest times the second.",
            "With two classes the second part is 0.",
            "strategy: top1 is gdkd with k = 1; so is target where the teacher is right.",
            "With standardize, a s + b for a > 0 is worth the same as s.",
        ),
    ),
    paper_sum=[
        {"kind": "ce", "weight": 1.0},
        {"kind": "dkd", "weight": 1.0, "temperature": 4.0, "alpha": 1.0, "beta": 8.0},
    ],
)
def dkd(batch: DistillBatch, params: DkdParams) -> dict[str, Tensor]:
    """Alpha * KL of (target, rest) masses + beta * KL within the rest, both times T^2."""
    from kd_core import ops
    from kd_core.closed_forms.group_divergence import GroupDivergence
    from kd_core.closed_forms.groups import Groups

    student = ops.widen(batch.student_logits)
    teacher = ops.widen(batch.teacher_logits).to(student.dtype)
    target = batch.labels.unsqueeze(1)  # [B, 1]
    if params.strategy == "top1":
        target = batch.once(ops.best_classes, batch.teacher_logits, 1)
    if params.standardize:
        student, teacher = ops.standardized(student), ops.standardized(teacher)
    tckd, _, nckd = GroupDivergence(
        teacher=teacher,
        groups=Groups(target, (1,), classes=student.shape[1]),
        temperature=params.temperature,
        weights=(params.alpha, 0.0, params.beta),
        direction=params.kl_direction,
    )(student)
    return {"tckd": tckd, "nckd": nckd}
