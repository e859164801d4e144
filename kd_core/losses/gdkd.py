"""GDKD: KD split along the teacher's ranking, the top classes and the rest weighed apart."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from kd_core.losses.declaration import (
    About,
    Direction,
    DistillBatch,
    LossParams,
    Needs,
    Refusal,
    Temperature,
    distill_loss,
)

if TYPE_CHECKING:
    from torch import Tensor

    from kd_core.closed_forms.groups import Groups

PartWeight = Annotated[float, Field(ge=0, le=1e6)]


class GdkdParams(LossParams):
    """Split KD into the teacher's top classes and the rest, and weigh the parts apart."""

    temperature: Temperature = 4.0
    groups: Literal["two", "three"] = Field(
        "two",
        description="two: the k classes that the teacher ranks first, and the rest; three "
        "(GDKD3): the first alone, ranks 2 to k, and the rest.",
    )
    k: Annotated[int, Field(ge=1, le=1_000_000)] | Literal["auto"] = Field(
        5,
        description="How many classes are on top, fewer than there are; auto: in each sample as "
        "many as stand out, by ratio_th and topk_th.",
    )
    w0: PartWeight = Field(1.0, description="Weight of the divergence between the groups.")
    w1: PartWeight = Field(
        1.0, description="Weight of the divergence within the top group (of three: the middle)."
    )
    w2: PartWeight = Field(8.0, description="Weight of the divergence within the rest.")
    strategy: Literal["best", "worst"] = Field(
        "best", description="best: the top group is ranks 1 to k; worst: the last k ranks."
    )
    kl_direction: Direction = Field(
        "forward",
        description="Within the groups. forward: KL(teacher || student); reverse: "
        "KL(student || teacher); symmetric (or both): the mean of the two. Between the groups it "
        "is always forward.",
    )
    mass_weighting: Literal["v1", "v2", "v3"] | None = Field(
        None,
        description="Weigh a group, in each sample, by the teacher's mass on it. v1: both, m1 in "
        "place of w1 and m2 of w2; v2: the rest, m2 in place of w2; v3: the top, m1 in place of "
        "w1.",
    )
    m1: PartWeight = Field(
        1.0, description="With mass_weighting v1 or v3: times the mass of the top group."
    )
    m2: PartWeight = Field(
        1.0, description="With mass_weighting v1 or v2: times the mass of the rest."
    )
    ratio_th: Annotated[float, Field(ge=1.01, le=1e6)] = Field(
        2.0,
        description="With k: auto. Going up from the least probable class, the top group starts "
        "at the first that is this many times as probable as the mean of all up to it.",
    )
    topk_th: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        100, description="With k: auto. The top group has at most so many classes."
    )
    standardize: Literal["global", "both", "other"] | None = Field(
        None,
        description="Compare shapes only: logits less their mean, by their standard deviation, "
        "before the temperature. global: over the whole row; both: within each group, for the "
        "divergences within; other: within the rest only.",
    )

    @model_validator(mode="after")
    def _one_variant_at_a_time(self) -> Self:
        """Each was published as a change of the plain two groups; no source defines two at once."""
        variants = [(name, value) for name, value in self._variants() if value is not None]
        if len(variants) > 1:
            (one, at), (other, other_at) = variants[:2]
            raise PydanticCustomError(
                "invalid",
                "gdkd takes {one} or {other}, not both at once",
                {
                    "one": f"{one}: {at}",
                    "other": f"{other}: {other_at}",
                    "hint": f"leave {other} out, or {one}; kl_direction and standardize: global "
                    "go with either",
                    "pointer": f"/{other}",
                },
            )
        return self

    def _variants(self) -> tuple[tuple[str, Any], ...]:
        return (
            ("groups", "three" if self.groups == "three" else None),
            ("strategy", "worst" if self.strategy == "worst" else None),
            ("k", "auto" if self.k == "auto" else None),
            ("mass_weighting", self.mass_weighting),
            ("standardize", self.standardize if self.standardize != "global" else None),
        )

    def refusal(self, classes: int) -> Refusal | None:
        if self.k == "auto" or self.k < classes:
            return None
        return Refusal(
            "k",
            "too_few_classes",
            f"gdkd with k: {self.k} needs more than {self.k} classes; got {classes}",
            f"lower k, at most {classes - 1} here: the rest must have a class",
        )


@distill_loss(
    "gdkd",
    params=GdkdParams,
    needs=Needs.LOGITS,
    family="decoupled divergence",
    paper="arXiv:2512.04625",
    source=(
        "follows the authors' code in exact log space, where it subtracts 1000 from what it masks "
        "and sums masses that underflow; groups: three is their GDKD3, mass_weighting their AutoW, "
        "k: auto their Auto-k, which is written for 100 classes there, standardize their LS-GDKD; "
        "equal teacher logits go to the lower class index, where theirs go either way; an empty "
        "group adds 0, where theirs is not a number"
    ),
    about=About(
        formula=(
            "L = T^2 mean_b [ w0 KL(b_t || b_s) + w1 KL(q^top || p^top) "
            "+ w2 KL(q^rest || p^rest) ]\n"
            "top: the k classes with the teacher's greatest logits;  rest: the others\n"
            "b: masses of the groups under q and p;  ^g: softmax of the logits of group g alone\n"
            "groups three: {rank 1}, {ranks 2..k}, {the rest}; w1 weighs the middle, rank 1 alone "
            "has nothing within\n"
            "mass_weighting: m1 b_t(top) in place of w1, m2 b_t(rest) in place of w2\n"
            "k auto: sort q ascending, r_j = q_j / mean(q_1..q_j); the top starts at the first "
            "r_j >= ratio_th, and is one class if there is none\n"
            "standardize: (x - mean x) / (std x + 1e-7); std over n - 1 for global, n in a group"
        ),
        use=(
            "When the teacher's belief is spread over several classes (many classes, alike "
            "classes, label noise): a top-k split copes with such multimodal teachers, which the "
            "single class of dkd does not. It needs no labels. k is about as many classes as the "
            "teacher hesitates between; extreme k does harm. Raise w2 to learn more from the "
            "rest; groups: three for transformer teachers."
        ),
        cost="time B C log k, memory 3 B C; k: auto sorts, B C log C",
        invariants=(
            "0, with gradient 0, where the student equals the teacher; never negative.",
            "KD is the first part plus, for each group, the teacher's mass on it times its part.",
            "mass_weighting v1 with m1 = m2 = 1 is therefore KD.",
            "k = 1 is dkd with alpha = w0, beta = w2 where the teacher is right; w1 is idle then.",
            "With three groups and k = 2 the middle part is 0.",
            "s, t and T times c is L times c^2.",
        ),
    ),
    paper_sum=[
        {"kind": "ce", "weight": 1.0},
        {
            "kind": "gdkd",
            "weight": 1.0,
            "temperature": 4.0,
            "k": 5,
            "w0": 1.0,
            "w1": 1.0,
            "w2": 8.0,
        },
    ],
)
def gdkd(batch: DistillBatch, params: GdkdParams) -> dict[str, Tensor]:
    """W0 * KL of the groups' masses + w1, w2 * KL within top and rest, all times T^2."""
    from kd_core import ops
    from kd_core.closed_forms.group_divergence import GroupDivergence

    student = ops.widen(batch.student_logits)
    teacher = ops.widen(batch.teacher_logits).to(student.dtype)
    if params.standardize == "global":
        student, teacher = ops.standardized(student), ops.standardized(teacher)
    groups = _groups(batch, teacher, params)
    by_mass, weights = _weights(params)
    alone = groups.count - len(weights)  # of three groups the first is one class
    high, *_, low_top, low_other = GroupDivergence(
        teacher=teacher,
        groups=groups,
        temperature=params.temperature,
        weights=(params.w0, *(0.0,) * alone, *weights),
        by_mass=by_mass,
        direction=params.kl_direction,
        change=_change(groups, params),
    )(student)
    return {"high": high, "low_top": low_top, "low_other": low_other}


def _groups(batch: DistillBatch, teacher: Tensor, params: GdkdParams) -> Groups:
    """By the teacher's own logits, whatever is made of them later: that leaves their order."""
    from kd_core import ops
    from kd_core.closed_forms.groups import Groups, above_the_leap

    classes = teacher.shape[1]
    if params.k == "auto":
        order = batch.once(ops.descending_order, batch.teacher_logits)
        divided = teacher / params.temperature
        return above_the_leap(order, divided, params.ratio_th, params.topk_th)
    k = min(params.k, classes)
    if params.strategy == "worst":
        return Groups(batch.once(ops.worst_classes, batch.teacher_logits, k), (k,), classes)
    order = batch.known(ops.descending_order, batch.teacher_logits)
    ranked = (
        batch.once(ops.best_classes, batch.teacher_logits, k) if order is None else order[:, :k]
    )
    return Groups(ranked, (k,) if params.groups == "two" else (1, k - 1), classes)


def _weights(params: GdkdParams) -> tuple[tuple[bool, bool] | None, tuple[float, float]]:
    """Of the divergences within top and rest: whether they count by mass, and how much."""
    match params.mass_weighting:
        case None:
            return None, (params.w1, params.w2)
        case "v1":
            return (True, True), (params.m1, params.m2)
        case "v2":
            return (False, True), (params.w1, params.m2)
        case "v3":
            return (True, False), (params.m1, params.w2)


def _change(groups: Groups, params: GdkdParams) -> Callable[[Tensor], Tensor] | None:
    """What is made of the logits before they are compared within the groups, if anything."""
    from kd_core.closed_forms.groups import standardized_within

    if params.standardize not in {"both", "other"}:
        return None
    chosen = (0, 1) if params.standardize == "both" else (1,)
    return partial(standardized_within, groups=groups, chosen=chosen)
