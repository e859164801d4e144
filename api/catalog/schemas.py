"""The catalogue, as it is shown."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field

from api.answers import Answer
from kd_core.architectures import Counted
from kd_core.losses.catalog import TERMS
from kd_core.losses.declaration import LossSpec
from kd_core.spec.presets import Preset as Found
from kd_core.spec.presets import PresetKind


class Loss(Answer):
    kind: str
    """What a term of `loss` names."""
    summary: str
    """What it does, in a sentence."""
    family: str
    """The family of methods that it belongs to."""
    needs: list[str]
    """What it must be given: student_logits, teacher_logits, labels, whole_batch."""
    paper: str
    """Where it was published."""
    source: str
    """Whether the code follows the paper's equation or the authors' code."""
    formula: str
    """What it computes, as text; s, t: logits, y: label, p, q: softmax(s/T), softmax(t/T)."""
    use: str
    """When to take it."""
    cost: str
    """Time and memory, of B samples and C classes."""
    mixed_labels: bool
    """Whether it takes labels that mixup or cutmix shared out."""
    defaults: dict[str, Any]
    """Every parameter with its default."""
    paper_sum: list[dict[str, Any]]
    """The weighted sum that its paper trains with: what the bare name means in a job."""
    parameters: dict[str, Any] = Field(alias="schema")
    """JSON Schema of one term of this kind."""

    @classmethod
    def of(cls, spec: LossSpec) -> Self:
        return cls(
            kind=spec.kind,
            summary=spec.summary,
            family=spec.family,
            needs=list(spec.needs.words),
            paper=spec.paper,
            source=spec.source,
            formula=spec.about.formula,
            use=spec.about.use,
            cost=spec.about.cost,
            mixed_labels=spec.mixed_labels,
            defaults=spec.params().model_dump(mode="json"),
            paper_sum=[dict(term) for term in spec.paper_sum],
            schema=TERMS[spec.kind].model_json_schema(),
        )


class Preset(Answer):
    kind: PresetKind
    """Where it goes: `loss: {preset: name}` or `recipe: {preset: name}`."""
    name: str
    about: str
    """What it is for."""
    source: str
    """Where its numbers are from."""
    values: dict[str, Any]
    """Of a recipe: what it sets."""
    terms: list[dict[str, Any]]
    """Of a loss: the weighted sum."""

    @classmethod
    def of(cls, kind: PresetKind, name: str, found: Found) -> Self:
        return cls(kind=kind, name=name, **found.model_dump())


class StudentFacts(Answer):
    parameters: int
    """With a last layer for so many classes."""
    classes: int
    """The classes that were counted along."""
    macs: dict[str, int]
    """Multiply-accumulates of one image by its side in pixels, 224 or 32, where it takes one."""

    @classmethod
    def of(cls, counted: Counted) -> Self:
        macs = {str(side): count for side, count in counted.macs.items()}
        return cls(parameters=counted.parameters, classes=counted.classes, macs=macs)


class StudentNames(Answer):
    data: list[str]
    """Names for `student.architecture` and `teacher.architecture`."""
    facts: dict[str, StudentFacts]
    """What those of them cost that many people choose from, by name."""
