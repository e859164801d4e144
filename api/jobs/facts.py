"""What the checks found, held against a specification: what cannot work is refused at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kd_core import gates
from kd_core.errors import Problem
from kd_core.spec.advice import advice
from kd_core.spec.document import BUILT_IN_DATA
from stillhouse.domain.errors import Invalid
from stillhouse.domain.job_spec import JobSpec, parse_job_spec
from stillhouse.store.jobs import Inputs

BUILT_IN: Mapping[str, Mapping[str, Any]] = {
    name: {"classes": classes, "labelled": True} for name, classes in BUILT_IN_DATA.items()
}
TEACHER, DATA = "/teacher/checkpoint", "/data/dataset"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the teacher's checkpoint and of the data; empty where nothing is."""

    teacher: Mapping[str, Any]
    data: Mapping[str, Any]

    @classmethod
    def of(cls, spec: JobSpec, inputs: Inputs) -> Facts:
        known = {pointer: row.facts or {} for pointer, row in inputs.ready.items()}
        return cls(known.get(TEACHER, {}), known.get(DATA, BUILT_IN.get(spec.data.dataset, {})))


def fact_problems(spec: JobSpec, facts: Facts) -> Iterator[Problem]:
    yield from _architecture(spec, facts)
    yield from _image_size(spec, facts)
    yield from _classes(spec, facts)
    yield from _labels(spec, facts)
    yield from _class_limits(spec, facts)
    yield from _gates(spec, facts)


def warnings(spec: JobSpec, facts: Facts) -> Iterator[Problem]:
    yield from advice(spec)
    for told in facts.data.get("warnings") or ():
        yield Problem("data", str(told), "", DATA)
    for told in facts.teacher.get("warnings") or ():
        yield Problem("checkpoint_unwrapped", str(told), "", TEACHER)


def _architecture(spec: JobSpec, facts: Facts) -> Iterator[Problem]:
    found = facts.teacher.get("architecture")
    if spec.teacher is not None and found not in {None, spec.teacher.architecture}:
        message = f"{spec.teacher.checkpoint} is a {found}, not a {spec.teacher.architecture}"
        hint = f"write architecture: {found}, or name another model"
        yield Problem("architecture_differs", message, hint, "/teacher/architecture")


def _image_size(spec: JobSpec, facts: Facts) -> Iterator[Problem]:
    """Where the shapes of the weights depend on it, a teacher sees one size alone."""
    if spec.teacher is None or not facts.teacher.get("fixed_image_size"):
        return
    wanted, found = spec.teacher.image_size or spec.data.image_size, facts.teacher["image_size"]
    if wanted != found:
        message = (
            f"{spec.teacher.checkpoint} takes images of {found}x{found}, not {wanted}x{wanted}"
        )
        hint = f"write teacher.image_size: {found}"
        yield Problem("image_size_differs", message, hint, "/teacher/image_size")


def _classes(spec: JobSpec, facts: Facts) -> Iterator[Problem]:
    names, in_data = spec.data.class_names, facts.data.get("classes")
    if names is not None and in_data is not None and len(names) != in_data:
        message = f"there are {len(names)} class names and {in_data} classes in the data"
        hint = "give one name for each class, or leave data.class_names out"
        yield Problem("class_count_differs", message, hint, "/data/class_names")
    known, in_teacher = _class_count(spec, facts), facts.teacher.get("classes")
    if spec.teacher is not None and None not in {known, in_teacher} and known != in_teacher:
        message = (
            f"{spec.teacher.checkpoint} knows {in_teacher} classes and "
            f"{spec.data.dataset} has {known}"
        )
        hint = "teacher and data must have the same classes in the same order"
        yield Problem("classes_differ", message, hint, TEACHER)


def _class_count(spec: JobSpec, facts: Facts) -> int | None:
    """As the data has it; data without labels is told by its names, or by its teacher."""
    if (count := facts.data.get("classes")) is not None:
        return int(count)
    return len(spec.data.class_names) if spec.data.class_names is not None else None


def _labels(spec: JobSpec, facts: Facts) -> Iterator[Problem]:
    """Data without labels is what `unlabelled: true` says: the same refusals hold for it."""
    if facts.data.get("labelled", True) or spec.data.unlabelled:
        return
    document = spec.resolved()
    try:
        parse_job_spec({**document, "data": {**document["data"], "unlabelled": True}})
    except Invalid as invalid:
        for problem in invalid.problems:
            message = f"{spec.data.dataset} has no labels: {problem.message}"
            yield Problem(problem.code, message, problem.hint, problem.pointer)
    else:
        message = f"{spec.data.dataset} has no labels"
        yield Problem("labels_missing", message, "write unlabelled: true", "/data/unlabelled")


def _class_limits(spec: JobSpec, facts: Facts) -> Iterator[Problem]:
    count = _class_count(spec, facts) or facts.teacher.get("classes")
    for place, term in enumerate(spec.loss):
        refusal = None if count is None else term.refusal(count)
        if refusal is not None:
            yield Problem(
                refusal.code, refusal.message, refusal.hint, f"/loss/{place}/{refusal.parameter}"
            )


def _gates(spec: JobSpec, facts: Facts) -> Iterator[Problem]:
    count = _class_count(spec, facts) or facts.teacher.get("classes")
    if count is not None:
        yield from gates.problems(spec, count)
