"""How a loss is declared: parameters, needs and a pure function, all without importing torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Flag, auto
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

if TYPE_CHECKING:
    from torch import Tensor


class LossParams(BaseModel):
    """The parameters of one loss: frozen, strict, every field with a range and a description."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    def refusal(self, classes: int) -> Refusal | None:  # noqa: ARG002 - most losses take any number
        """Why a job with so many classes cannot have these parameters, if it cannot."""
        return None


@dataclass(frozen=True)
class Refusal:
    """Parameters that do not go with the data: which one, what is wrong, and the way out."""

    parameter: str
    code: str
    message: str
    hint: str


Temperature = Annotated[
    float,
    # Far below 0.01 the divided logits overflow, and the softmax has long been an argmax.
    Field(ge=0.01, le=1000, description="Divides the logits before the softmax; higher is softer."),
]
Weight = Annotated[float, Field(gt=0, le=1e6)]
Direction = Annotated[
    Literal["forward", "reverse", "symmetric"],
    # "both" is what the authors' code calls it.
    BeforeValidator(lambda given: "symmetric" if given == "both" else given),
]


class Needs(Flag):
    """What a loss must be given. Checked at submission, and again when it is called."""

    STUDENT_LOGITS = auto()
    TEACHER_LOGITS = auto()
    LABELS = auto()
    WHOLE_BATCH = auto()
    """It compares samples with each other: its value is no mean over samples."""
    LOGITS = STUDENT_LOGITS | TEACHER_LOGITS

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(need.name.lower() for need in Needs if need in self and need.name)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The tensors among them, as a batch names them."""
        return _inputs(self)


@cache
def _inputs(needs: Needs) -> tuple[str, ...]:
    """Asked at every step, and as slow to find as a small tensor operation."""
    return (needs & ~Needs.WHOLE_BATCH).words


_ABSENT: Any = None


class SharedWork:
    """What several terms of one step would each work out for themselves."""

    def __init__(self) -> None:
        self._done: dict[tuple[Any, ...], tuple[Any, Any]] = {}

    def once(self, make: Callable[..., Any], source: Tensor, *options: Any) -> Any:
        key = (make, id(source), *options)
        if key not in self._done:
            # The source is kept with its result: an id is unique only among the living.
            self._done[key] = (source, make(source, *options))
        return self._done[key][1]

    def known(self, make: Callable[..., Any], source: Tensor, *options: Any) -> Any:
        done = self._done.get((make, id(source), *options))
        return None if done is None else done[1]


@dataclass(frozen=True, kw_only=True)
class DistillBatch:
    """What the models made of one batch. What a loss declared in `needs` is there and checked;
    anything else may be absent, so a loss reads nothing that it did not declare.
    """

    student_logits: Tensor = _ABSENT  # [B, C]
    teacher_logits: Tensor = _ABSENT  # [B, C], detached
    labels: Tensor = _ABSENT  # [B], class indices; [B, C], shares of each class, where mixed
    student_features: Sequence[Tensor] = _ABSENT
    teacher_features: Sequence[Tensor] = _ABSENT
    index: Tensor = _ABSENT  # [B], position of each sample in the data set
    student_views: Tensor = _ABSENT
    teacher_views: Tensor = _ABSENT
    temperature: Tensor = _ABSENT  # [], from an adapter that learns it
    shared: SharedWork | None = None

    def once(self, make: Callable[..., Any], source: Tensor, *options: Any) -> Any:
        """`make(source, *options)`, worked out once in a step however many terms ask for it."""
        if self.shared is None:
            return make(source, *options)
        return self.shared.once(make, source, *options)

    def known(self, make: Callable[..., Any], source: Tensor, *options: Any) -> Any:
        """The same if another term has asked for it already, else None: for a term that needs
        less than that, and has a cheaper way to it.
        """
        return None if self.shared is None else self.shared.known(make, source, *options)


LossFunction = Callable[[DistillBatch, Any], Mapping[str, "Tensor"]]


@dataclass(frozen=True, kw_only=True)
class About:
    """What people are told of a loss before they choose it: a section of docs/losses.md."""

    formula: str
    """As text, one line an equation; s, t: logits, y: label, p, q: softmax(s/T), softmax(t/T)."""
    use: str
    """When to take it, and when another one."""
    cost: str
    """Time and memory, of B samples and C classes."""
    invariants: tuple[str, ...]
    """What always holds, each in a sentence; the tests hold it to them."""


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
    """Whether the code follows the paper's equation or the authors' code, and where they differ."""
    about: About
    paper_sum: tuple[Mapping[str, Any], ...]
    """The weighted sum that the paper trains with: what the bare name means in a job."""
    mixed_labels: bool = False
    """Whether a label may be shared between classes, as mixup and cutmix make it."""
    adapter: str | None = None
    """The learnable part, of kd_core.adapters, that the task owns and trains with the student."""

    @property
    def summary(self) -> str:
        return (self.params.__doc__ or "").strip().splitlines()[0]


DECLARED: dict[str, LossSpec] = {}


def distill_loss(  # noqa: PLR0913 - what a loss says of itself, each by name
    kind: str,
    *,
    params: type[LossParams],
    needs: Needs,
    family: str,
    paper: str,
    source: str,
    about: About,
    paper_sum: Sequence[Mapping[str, Any]] | None = None,
    mixed_labels: bool = False,
    adapter: str | None = None,
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
            about=about,
            paper_sum=tuple(paper_sum or ({"kind": kind},)),
            mixed_labels=mixed_labels,
            adapter=adapter,
        )
        return function

    return declare
