"""The catalogue, as it is shown."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field

from api.answers import Answer
from kd_core.losses.catalog import TERMS
from kd_core.losses.declaration import LossSpec


class Loss(Answer):
    kind: str
    """What a term of `loss` names."""
    summary: str
    """What it does, in a sentence."""
    family: str
    """The family of methods that it belongs to."""
    needs: list[str]
    """What it must be given: student_logits, teacher_logits, labels."""
    paper: str
    """Where it was published."""
    source: str
    """Whether the code follows the paper's equation or the authors' code."""
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
            defaults=spec.params().model_dump(mode="json"),
            paper_sum=[dict(term) for term in spec.paper_sum],
            schema=TERMS[spec.kind].model_json_schema(),
        )


class StudentNames(Answer):
    data: list[str]
    """Names for `student.architecture` and `teacher.architecture`."""
