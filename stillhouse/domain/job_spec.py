"""The body of a job: a distillation, plus what only a service can do with one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from kd_core.errors import Problem
from kd_core.problems import from_validation_error, shown
from kd_core.spec.document import Dataset, DataSource, DistillSpec
from kd_core.spec.models import Checkpoint, Init, Student, Teacher, TeacherOfSeveral
from kd_core.spec.section import FromList, Section, misplaced
from kd_core.spec.sources import FILE, JOB
from stillhouse.domain import ids
from stillhouse.domain.declared import Declared
from stillhouse.domain.errors import Invalid
from stillhouse.domain.ids import Prefix
from stillhouse.domain.job import Priority
from stillhouse.domain.realm import DEFAULT_PROJECT, ProjectName
from stillhouse.domain.text import PlainText, unstorable_places

INIT = "/student/init"
MAX_VERSION = 1_000_000_000
DAY_S = 86_400
MAX_LABELS = 16


@dataclass(frozen=True, slots=True)
class Source:
    """Something that a job reads, and where its specification says so."""

    pointer: str
    reference: str

    @property
    def is_file(self) -> bool:
        return self.reference.startswith(FILE)

    @property
    def model_id(self) -> str | None:
        return self.reference if self.reference.startswith(f"{Prefix.MODEL}_") else None

    @property
    def job_id(self) -> str | None:
        """The job whose student it is."""
        return self.reference.removeprefix(JOB) if self.reference.startswith(JOB) else None

    @property
    def object_id(self) -> str:
        """As the service knows it."""
        return self.job_id or self.reference

    @property
    def dataset_version(self) -> tuple[str, int] | None:
        if not self.reference.startswith(f"{Prefix.DATASET}_"):
            return None
        return parse_dataset_version(self.reference)


def parse_dataset_version(reference: str, pointer: str | None = None) -> tuple[str, int]:
    """`ds_<id>@<version>` as its two parts; a job names the version that it was written for."""
    identity, separator, version = reference.partition("@")
    ids.parse(identity, Prefix.DATASET, pointer)
    digits = version.isascii() and version.isdigit() and not version.startswith("0")
    if not separator or not digits or int(version[:12]) > MAX_VERSION:
        message = f"{shown(reference)} does not say which version of the data set"
        hint = f"write {identity}@1 for the first version"
        raise Invalid((Problem("invalid_id", message, hint, pointer),))
    return identity, int(version)


def _refuse(invalid: Invalid) -> PydanticCustomError:
    problem = invalid.problems[0]
    return PydanticCustomError(
        "invalid_id", "{message}", {"message": problem.message, "hint": problem.hint}
    )


def _known_or_file(value: Any, check_file: ValidatorFunctionWrapHandler) -> str:
    if not isinstance(value, str) or not value.startswith((f"{Prefix.MODEL}_", JOB)):
        return str(check_file(value))
    try:
        if value.startswith(JOB):
            ids.parse(value.removeprefix(JOB), Prefix.JOB)
        else:
            ids.parse(value, Prefix.MODEL)
    except Invalid as invalid:
        raise _refuse(invalid) from None
    return value


def _registered_or_other(value: Any, check_other: ValidatorFunctionWrapHandler) -> str:
    if not isinstance(value, str) or not value.startswith(f"{Prefix.DATASET}_"):
        return str(check_other(value))
    try:
        parse_dataset_version(value)
    except Invalid as invalid:
        raise _refuse(invalid) from None
    return value


JobCheckpoint = Annotated[Checkpoint, WrapValidator(_known_or_file)]


class JobTeacher(Teacher):
    checkpoint: JobCheckpoint | None = None
    """Trained weights: mdl_... for an uploaded model, job:job_... for the student of a job that has
    succeeded, or file: under a root the server allows. An ONNX graph needs mean and std beside it.
    """


class JobTeacherOfSeveral(TeacherOfSeveral):
    checkpoint: JobCheckpoint
    """Trained weights: mdl_... for an uploaded model, job:job_... for the student of a job that has
    succeeded, or file: under a root the server allows. An ONNX graph needs mean and std beside it.
    """


class JobStudent(Student):
    init: Annotated[Init, WrapValidator(_known_or_file)] = "random"
    """random, or the weights to start from, of this architecture and for the data's classes:
    mdl_... for an uploaded model, job:job_... for the student of a job that has succeeded, or file:
    under a root the server allows.
    """


class JobData(DataSource):
    dataset: Annotated[Dataset, WrapValidator(_registered_or_other)]
    """ds_...@3 for version 3 of an uploaded data set, digits (scikit-learn's), or file: under a
    root the server allows."""


class Limits(Section):
    max_runtime_s: Annotated[int, Field(ge=1, le=28 * DAY_S)] = DAY_S
    """Seconds of work, over all attempts, after which the job is stopped."""
    queue_ttl_s: Annotated[int, Field(ge=1, le=90 * DAY_S)] = 7 * DAY_S
    """Seconds in the queue after which a job that nobody started expires."""


LABEL_KEY = "[A-Za-z0-9][A-Za-z0-9._/-]{0,62}"
LabelKey = Annotated[str, Field(pattern=f"^{LABEL_KEY}$")]
LabelValue = Annotated[PlainText, Field(max_length=256)]
OnlyLabelKeys = Declared(propertyNames={"pattern": f"^{LABEL_KEY}$"})
"""Of a mapping: the schema of pydantic says nothing of the keys that are refused."""


JobName = Annotated[PlainText, Field(min_length=1, max_length=200)]
PriorityWord = Literal["low", "normal", "high"]


class JobSpec(DistillSpec):
    """One job: what to distil, for whom, how urgently and for how long at most."""

    NOT_SCIENCE: ClassVar[frozenset[str]] = frozenset(
        DistillSpec.NOT_SCIENCE | {"project", "labels", "limits", "priority", "if_duplicate"}
    )

    name: JobName = "distillation"
    """What people call this job; not part of its fingerprint."""
    project: ProjectName = DEFAULT_PROJECT
    """Whose it is: a key may be bound to one project, and then sees no other. A job that is sent
    with such a key is of its project, and need not say so.
    """
    labels: Annotated[dict[LabelKey, LabelValue], Field(max_length=MAX_LABELS), OnlyLabelKeys] = (
        Field(default_factory=dict)
    )
    """Up to 16 pairs of your own, for filters: a commit, a team."""
    teacher: JobTeacher | None = None
    """May be left out when no term of the loss needs a teacher."""
    teachers: (
        Annotated[tuple[JobTeacherOfSeveral, ...], FromList, Field(min_length=2, max_length=8)]
        | None
    ) = None
    """Several in its place: the student learns from the weighted mean of their probabilities."""
    student: JobStudent
    data: JobData
    limits: Limits = Limits()
    """How long it may work, and how long it may wait."""
    priority: PriorityWord = "normal"
    """Which jobs of the queue go first; among equals, those of the project that has the fewest at
    work, then the oldest."""
    if_duplicate: Literal["run", "reuse", "reject"] = "run"
    """Where a job of the same science and gates has succeeded, or is on its way: run this one all
    the same, answer with that one, or refuse."""

    @model_validator(mode="before")
    @classmethod
    def _only_text_that_can_be_stored(cls, given: Any) -> Any:
        for pointer in unstorable_places(given):
            raise misplaced(
                pointer, "unprintable", "has text that cannot be stored", "remove NUL characters"
            )
        return given

    @model_validator(mode="after")
    def _tells_its_duplicates(self) -> Self:
        """What stands in a file of the server may have changed since the other job read it."""
        files = [source.pointer for source in self.sources() if source.is_file]
        if self.if_duplicate != "run" and files:
            message = f"nobody can tell duplicates of a job that reads a file: {files[0]}"
            hint = "upload it, or leave if_duplicate out"
            raise misplaced("/if_duplicate", "not_comparable", message, hint)
        return self

    @property
    def rank(self) -> Priority:
        return Priority[self.priority.upper()]

    @property
    def queue(self) -> str:
        """cpu, gpu, or any: a job with `device: auto` goes to whatever worker is free."""
        return {"cpu": "cpu", "cuda": "gpu", "auto": "any"}[self.resources.device]

    def sources(self) -> Iterator[Source]:
        """Everything this job reads: registered models and data, files, built-in data."""
        for pointer, teacher in self.all_teachers.items():
            if teacher.checkpoint is not None:
                yield Source(f"{pointer}/checkpoint", teacher.checkpoint)
        if self.student.init != "random":
            yield Source(INIT, self.student.init)
        yield Source("/data/dataset", self.data.dataset)

    def distillation(self, values: Mapping[str, str]) -> DistillSpec:
        """The science alone, with what stands at each pointer replaced: where its sources lie."""
        document = {
            key: value
            for key, value in self.with_values(values).items()
            if key in DistillSpec.model_fields
        }
        return DistillSpec.model_validate(document)

    def with_values(self, values: Mapping[str, str]) -> dict[str, Any]:
        """The resolved document, with what stands at each pointer replaced."""
        document = self.resolved()
        for pointer, value in values.items():
            *path, key = pointer.strip("/").split("/")
            section: Any = document
            for part in path:
                section = section[int(part)] if isinstance(section, list) else section[part]
            section[key] = value
        return document


CHANGEABLE = ("name", "labels", "priority")
"""What may be changed of a job that was submitted."""


def as_it_is_now(sent: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """The document as it was sent, with what is otherwise of the job: it was changed since, or is
    of the project of the key that sent it.
    """
    usual = {key: JobSpec.model_fields[key].get_default(call_default_factory=True) for key in now}
    changed = {key: value for key, value in now.items() if sent.get(key, usual[key]) != value}
    return {**sent, **changed}


def parse_job_spec(document: Any) -> JobSpec:
    """The specification in a mapping, as JSON gives it; every problem at once, with its pointer."""
    if not isinstance(document, Mapping):
        message = f"the job must be a mapping; got {shown(document)}"
        raise Invalid((Problem("wrong_type", message, "see the example in the README", ""),))
    try:
        return JobSpec.model_validate(dict(document))
    except ValidationError as error:
        raise Invalid(from_validation_error(error, document, JobSpec)) from None
