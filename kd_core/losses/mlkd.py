"""MLKD: match the teacher's probabilities, and their products, at several temperatures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

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

TIE = 1e-12  # relative: sums in another order are still equal


class _One(LossParams):
    temperature: Temperature


class MlkdParams(LossParams):
    """Match probabilities, their products between classes, and their products between samples."""

    temperatures: Annotated[tuple[Temperature, ...], Field(strict=False)] = Field(
        (2.0, 3.0, 4.0, 5.0, 6.0),
        min_length=1,
        max_length=16,
        description="The temperatures at which all is matched; each term is a sum over them."
        " A single one may be given as temperature.",
    )
    enable_mask: bool = Field(
        default=True,
        description="Scale each term by the share of the samples (of the classes, for the class "
        "term) of which the teacher is least sure, as the authors' code does.",
    )
    confidence_percentage: float = Field(
        0.5,
        gt=0,
        lt=1,
        description="With enable_mask: the quantile of the teacher's confidence up to which a "
        "sample or a class counts.",
    )

    @model_validator(mode="before")
    @classmethod
    def _one_temperature_is_a_list_of_one(cls, given: Any) -> Any:
        if not isinstance(given, Mapping) or "temperature" not in given:
            return given
        if "temperatures" in given:
            raise PydanticCustomError(
                "invalid",
                "temperature and temperatures are both given, and mean the same",
                {"pointer": "/temperature", "hint": "keep temperatures, the list of them"},
            )
        one = _One.model_validate({"temperature": given["temperature"]}).temperature
        others = {key: at for key, at in given.items() if key != "temperature"}
        return {**others, "temperatures": (one,)}


@distill_loss(
    "mlkd",
    params=MlkdParams,
    needs=Needs.LOGITS | Needs.WHOLE_BATCH,
    family="multi-level",
    paper="CVPR 2023, Multi-level Logit Distillation",
    source="follows the authors' code, on one view of each image: the paper adds a strongly "
    "augmented second view. The paper's masks select samples and classes; in the code they "
    "multiply terms that are sums already, so each term is only scaled by a share of ones: of the "
    "samples whose largest teacher probability (at temperature 1) is at most the "
    "confidence_percentage quantile of the batch, and for the class term of the classes whose "
    "teacher probabilities, summed over the batch, are at most theirs. enable_mask: false leaves "
    "the scaling out",
    about=About(
        formula=(
            "kd = m sum_T T^2 mean_b KL(q || p);  cc = n sum_T |Q'Q - P'P|^2 / C\n"
            "bc = m sum_T |QQ' - PP'|^2 / B;  L = kd + cc + bc\n"
            "P, Q: the batch's p and q at temperature T, [B, C];  ': transposed\n"
            "m, n: shares of the samples, of the classes, that the masks keep (1 without masks)"
        ),
        use="When matching one softness leaves accuracy on the table and a step may cost more; "
        "give fewer temperatures to make it cheaper.",
        cost="for each temperature: time B C min(B, C), memory 3 min(B, C)^2; beside it 10 B C",
        invariants=(
            "0, with gradient 0, where the student equals the teacher; never negative.",
            "Every term is the sum of what it is at each temperature alone.",
            "Without masks the first term is KD's.",
        ),
    ),
    paper_sum=[{"kind": "ce", "weight": 0.1}, {"kind": "mlkd", "weight": 0.9}],
)
def mlkd(batch: DistillBatch, params: MlkdParams) -> dict[str, Tensor]:
    """Sums over the temperatures: kd (samples), cc (class by class), bc (sample by sample)."""
    from kd_core import ops
    from kd_core.closed_forms.closed_form import ClosedForm
    from kd_core.closed_forms.mlkd import Levels

    student, teacher = ops.widen(batch.student_logits), batch.teacher_logits

    def log_q(temperature: float) -> Tensor:
        found: Tensor = batch.once(ops.log_probabilities, teacher, temperature)
        return found.to(student.dtype)

    levels = Levels(params.temperatures, log_q)
    kd, cc, bc = ClosedForm(levels.terms, levels.values, levels.gradient)(student).unbind()
    if params.enable_mask:
        of_samples, of_classes = _shares(teacher, params.confidence_percentage)
        kd, cc, bc = (
            at * share.to(at.dtype)
            for at, share in ((kd, of_samples), (cc, of_classes), (bc, of_samples))
        )
    return {"kd": kd, "cc": cc, "bc": bc}


def _shares(teacher: Tensor, quantile: float) -> tuple[Tensor, Tensor]:
    """The shares of samples and of classes that the teacher's confidence leaves in the masks.

    In double precision: two confidences that single precision rounds to 1 are no tie.
    """
    import torch

    q = torch.softmax(teacher.double(), dim=1)
    return _share(q.amax(dim=1), quantile), _share(q.sum(dim=0), quantile)


def _share(confidences: Tensor, quantile: float) -> Tensor:
    """Of the values up to their quantile. One between two values counts as the lower of them."""
    rank = math.floor(quantile * (len(confidences) - 1))
    threshold = confidences.sort().values[rank]
    return (confidences <= threshold * (1 + TIE)).double().mean()
