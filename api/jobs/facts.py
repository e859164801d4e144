"""What the checks found, held against a specification: what cannot work is refused at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.jobs.init_facts import init_problems, init_remarks
from api.jobs.teacher_facts import Pupil, TeacherFacts, teacher_problems, teacher_remarks
from api.services import Services
from kd_core import gates
from kd_core.errors import Problem
from kd_core.spec.advice import advice
from kd_core.spec.document import BUILT_IN_DATA
from kd_core.spec.models import GRAPH_FILE
from kd_core.spec.sources import FILE
from stillhouse.domain.errors import Invalid
from stillhouse.domain.job_spec import INIT, JobSpec, parse_job_spec
from stillhouse.store import UnitOfWork
from stillhouse.store.jobs import Inputs
from stillhouse.store.tables import JobRow

BUILT_IN: Mapping[str, Mapping[str, Any]] = {
    name: {"classes": classes, "class_names": [*map(str, range(classes))], "labelled": True}
    for name, classes in BUILT_IN_DATA.items()
}
DATA = "/data/dataset"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the teachers' checkpoints, by pointer, of the student's, and of the data."""

    teachers: Mapping[str, TeacherFacts]
    init: TeacherFacts
    data: Mapping[str, Any]
    problems: Sequence[Problem] = ()
    """Of what could not be known."""

    @classmethod
    def of(cls, services: Services, uow: UnitOfWork, spec: JobSpec, inputs: Inputs) -> Facts:
        problems: list[Problem] = []

        def known_of(where: str) -> TeacherFacts:
            row = inputs.ready.get(where)
            try:
                if isinstance(row, JobRow):
                    return TeacherFacts.of_student(uow, services.blobs, row, where)
            except Invalid as invalid:
                problems.extend(invalid.problems)
                return TeacherFacts()
            return TeacherFacts() if row is None else TeacherFacts.of_model(row.facts or {})

        teachers = {pointer: known_of(f"{pointer}/checkpoint") for pointer in spec.all_teachers}
        init = known_of(INIT)
        data: Any = inputs.ready.get(DATA)
        known = BUILT_IN.get(spec.data.dataset, {}) if data is None else data.facts or {}
        return cls(teachers, init, known, tuple(problems))

    def pupil(self, spec: JobSpec) -> Pupil:
        """Data without labels is told by its names, or else by its teacher."""
        names = spec.data.class_names or self.data.get("class_names")
        count = self.data.get("classes")
        if count is None and spec.data.class_names is not None:
            count = len(spec.data.class_names)
        named = None if names is None else tuple(names)
        return Pupil(spec.data.dataset, spec.data.image_size, count, named, bool(self.data))


def fact_problems(spec: JobSpec, facts: Facts) -> Iterator[Problem]:
    yield from facts.problems
    yield from _class_names(spec, facts)
    yield from _graphs(spec, facts)
    data = facts.pupil(spec)
    for pointer, section in spec.all_teachers.items():
        yield from teacher_problems(pointer, section, facts.teachers[pointer], data)
    yield from init_problems(spec.student, facts.init, data)
    yield from _labels(spec, facts)
    yield from _class_limits(spec, facts)
    yield from _gates(spec, facts)


def warnings(spec: JobSpec, facts: Facts) -> Iterator[Problem]:
    yield from advice(spec)
    for told in facts.data.get("warnings") or ():
        yield Problem("data", str(told), "", DATA)
    data = facts.pupil(spec)
    for pointer, section in spec.all_teachers.items():
        yield from teacher_remarks(pointer, section, facts.teachers[pointer], data)
    yield from init_remarks(facts.init)


def _class_names(spec: JobSpec, facts: Facts) -> Iterator[Problem]:
    names, in_data = spec.data.class_names, facts.data.get("classes")
    if names is not None and in_data is not None and len(names) != in_data:
        message = f"there are {len(names)} class names and {in_data} classes in the data"
        hint = "give one name for each class, or leave data.class_names out"
        yield Problem("class_count_differs", message, hint, "/data/class_names")


def _graphs(spec: JobSpec, facts: Facts) -> Iterator[Problem]:
    """A model that is an ONNX graph is what a file of that name says: the same refusals hold."""
    places = {
        f"{pointer}/checkpoint": f"{FILE}teacher{GRAPH_FILE}"
        for pointer, known in facts.teachers.items()
        if known.is_graph
    }
    try:
        if places:
            parse_job_spec(spec.with_values(places))
    except Invalid as invalid:
        yield from invalid.problems


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


def _class_count(spec: JobSpec, facts: Facts) -> int | None:
    of_teachers = (teacher.classes for teacher in facts.teachers.values() if teacher.classes)
    return facts.pupil(spec).classes or next(of_teachers, None)


def _class_limits(spec: JobSpec, facts: Facts) -> Iterator[Problem]:
    count = _class_count(spec, facts)
    for place, term in enumerate(spec.loss):
        refusal = None if count is None else term.refusal(count)
        if refusal is not None:
            yield Problem(
                refusal.code, refusal.message, refusal.hint, f"/loss/{place}/{refusal.parameter}"
            )


def _gates(spec: JobSpec, facts: Facts) -> Iterator[Problem]:
    count = _class_count(spec, facts)
    if count is not None:
        yield from gates.problems(spec, count)
