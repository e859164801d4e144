"""How a loss is declared: parameters, needs and a pure function, all without importing torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Flag, auto
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from torch import Tensor


class LossParams(BaseModel):
    """The parameters of one loss: frozen, strict, every field with a range and a description."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


Temperature = Annotated[
    float,
    # Far below 0.01 the divided logits overflow, and the softmax has long been an argmax.
    Field(ge=0.01, le=1000, description="Divides the logits before the softmax; higher is softer."),
]
Weight = Annotated[float, Field(gt=0, le=1e6)]


class Needs(Flag):
    """What a loss must be given. Checked at submission, and again when it is called."""

    STUDENT_LOGITS = auto()
    TEACHER_LOGITS = auto()
    LABELS = auto()
    LOGITS = STUDENT_LOGITS | TEACHER_LOGITS

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(need.name.lower() for need in Needs if need in self and need.name)


_ABSENT: Any = None


@dataclass(frozen=True, kw_only=True)
class DistillBatch:
    """What the models made of one batch. What a loss declared in `needs` is there and checked;
    anything else may be absent, so a loss reads nothing that it did not declare.
    """

    student_logits: Tensor = _ABSENT  # [B, C]
    teacher_logits: Tensor = _ABSENT  # [B, C], detached
    labels: Tensor = _ABSENT  # [B], class indices
    student_features: Sequence[Tensor] = _ABSENT
    teacher_features: Sequence[Tensor] = _ABSENT
    index: Tensor = _ABSENT  # [B], position of each sample in the data set
    student_views: Tensor = _ABSENT
    teacher_views: Tensor = _ABSENT


LossFunction = Callable[[DistillBatch, Any], Mapping[str, "Tensor"]]


@dataclass(frozen=True)
class LossSpec:
    """One declared loss: everything that the catalogue, the schema and the tests need to know."""

    kind: str
    params: type[LossParams]
    function: LossFunction
    needs: Needs
    family: str
    paper: str
    source: str
    """Whether the code follows the paper's equation or the authors' code."""
    paper_sum: tuple[Mapping[str, Any], ...]
    """The weighted sum that the paper trains with: what the bare name means in a job."""

    @property
    def summary(self) -> str:
        return (self.params.__doc__ or "").strip().splitlines()[0]


DECLARED: dict[str, LossSpec] = {}


def distill_loss(
    kind: str,
    *,
    params: type[LossParams],
    needs: Needs,
    family: str,
    paper: str,
    source: str,
    paper_sum: Sequence[Mapping[str, Any]] | None = None,
) -> Callable[[LossFunction], LossFunction]:
    """Declare the decorated function as the loss `kind`. A second declaration is a mistake.

    The function maps a batch and its parameters to named terms, each already carrying the weights
    that are part of the loss itself (DKD's alpha and beta); the task sums them.
    """

    def declare(function: LossFunction) -> LossFunction:
        if kind in DECLARED:
            raise ValueError(f"the loss {kind!r} is declared twice")
        DECLARED[kind] = LossSpec(
            kind=kind,
            params=params,
            function=function,
            needs=needs,
            family=family,
            paper=paper,
            source=source,
            paper_sum=tuple(paper_sum or ({"kind": kind},)),
        )
        return function

    return declare
