"""KD: match the teacher's softened distribution."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field

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

KdDirection = Annotated[
    Literal["forward", "reverse", "symmetric", "js"],
    # "both" is what the authors' code calls it.
    BeforeValidator(lambda given: "symmetric" if given == "both" else given),
]


class KdParams(LossParams):
    """Match the teacher's softened class distribution by a Kullback-Leibler divergence."""

    temperature: Temperature = 4.0
    direction: KdDirection = Field(
        "forward",
        description="forward: KL(teacher || student), covers all that the teacher believes; "
        "reverse: KL(student || teacher), seeks its modes; symmetric (or both): the average of "
        "both; js: Jensen-Shannon, the average of both against the middle of the two, bounded.",
    )
    t2: bool = Field(
        default=True,
        description="Multiply by T^2, which keeps the gradient's size when the temperature rises.",
    )
    standardize: bool = Field(
        default=False,
        description="Compare shapes only (LSKD): every row of logits less its mean, by its "
        "standard deviation, before the temperature.",
    )


@distill_loss(
    "kd",
    params=KdParams,
    needs=Needs.LOGITS,
    family="divergence",
    paper="arXiv:1503.02531",
    source=(
        "follows the paper's equation; sum over classes, mean over the batch, times T^2, which "
        "some code (torchdistill, where labels are missing) leaves out: t2. js follows the "
        "definition, as no code was published. standardize: true is LSKD (arXiv:2403.01427) and "
        "follows its authors' code, with gradients through mean and deviation; on CIFAR they train "
        "with T 2, cross-entropy weighed 0.1 and KD 9"
    ),
    about=About(
        formula=(
            "L = T^2 mean_b KL(q || p)\n"
            "reverse: KL(p || q);  symmetric: [ KL(q || p) + KL(p || q) ] / 2\n"
            "js: [ KL(q || m) + KL(p || m) ] / 2, m = (p + q) / 2\n"
            "standardize: s, t become (x - mean x) / (std x + 1e-7), std with C - 1\n"
            "t2: false leaves the factor T^2 out"
        ),
        use=(
            "The baseline: cheap, stable, needs no labels, and rarely far behind. reverse or js "
            "where a small student cannot cover all that the teacher believes; standardize where "
            "the teacher's logits are much larger or smaller than the student can make them."
        ),
        cost="time B C, memory 2 B C",
        invariants=(
            "0, with gradient 0, where the student equals the teacher; never negative.",
            "The gradient of the forward direction is T (p - q) / B.",
            "It is that of the masses of any groups of classes, plus those within by their masses.",
            "As T rises it tends to |(s - mean s) - (t - mean t)|^2 / 2C, in the mean over b.",
            "js is the same with student and teacher exchanged, and at most T^2 log 2.",
            "With standardize, a s + b for a > 0 is worth the same as s.",
            "With standardize, the gradient of a row is at right angles to s - mean s.",
        ),
    ),
    paper_sum=[{"kind": "ce", "weight": 0.1}, {"kind": "kd", "weight": 0.9, "temperature": 4.0}],
)
def kd(batch: DistillBatch, params: KdParams) -> dict[str, Tensor]:
    """T^2 times the mean divergence; T^2 keeps the gradient's size when the temperature rises."""
    from functools import partial

    from kd_core import ops
    from kd_core.closed_forms import kd as closed
    from kd_core.closed_forms.closed_form import ClosedForm

    student = ops.widen(batch.student_logits)  # [B, C]
    teacher = ops.widen(batch.teacher_logits).to(student.dtype)
    scale = params.temperature**2 if params.t2 else 1.0
    change = ops.standardized if params.standardize else None

    def formula(student: Tensor) -> Tensor:
        own, others = (change(student), change(teacher)) if change else (student, teacher)
        log_p = ops.log_probabilities(own, params.temperature)
        log_q = ops.log_probabilities(others, params.temperature)
        return scale * _divergence(log_q, log_p, params.direction).mean()

    values = partial(
        closed.values,
        teacher=teacher,
        temperature=params.temperature,
        divergence=closed.DIVERGENCES[params.direction],
        change=change,
        scale=scale,
    )
    gradient = partial(closed.gradient, temperature=params.temperature, scale=scale)
    return {"kl": ClosedForm(formula, values, gradient)(student)}


def _divergence(log_q: Tensor, log_p: Tensor, direction: str) -> Tensor:
    """The divergence of every row, from log-probabilities. [B, C], [B, C] -> [B]"""
    import torch

    from kd_core import ops

    match direction:
        case "forward":
            return ops.kl_rows(log_q, log_p)
        case "reverse":
            return ops.kl_rows(log_p, log_q)
        case "symmetric":
            return (ops.kl_rows(log_q, log_p) + ops.kl_rows(log_p, log_q)) / 2
    log_m = torch.logaddexp(log_p, log_q) - math.log(2)
    return (ops.kl_rows(log_q, log_m) + ops.kl_rows(log_p, log_m)) / 2
