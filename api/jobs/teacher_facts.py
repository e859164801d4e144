"""What is known of a teacher before any worker looks at it, held against its section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from kd_core.class_order import Classes, miscounted, nameless
from kd_core.errors import ModelInvalid, Problem
from kd_core.inspection import GRAPH_FORMAT
from kd_core.model_card import CONFIG, Card
from kd_core.spec.models import AnyTeacher
from stillhouse.domain.errors import Invalid
from stillhouse.store import DirectoryBlobs, UnitOfWork
from stillhouse.store.tables import JobRow


@dataclass(frozen=True, slots=True)
class TeacherFacts:
    """Of a registered model, or of another job's student; empty where nothing is known."""

    architecture: str | None = None
    classes: int | None = None
    class_names: tuple[str, ...] | None = None
    only_size: int | None = None
    """The side of the images, where the shapes of the weights depend on it."""
    warnings: tuple[str, ...] = ()
    card: Card | None = None
    """Of a student, which says what it is itself."""
    is_graph: bool = False
    """An uploaded ONNX file, which is a whole network."""
    known: bool = False

    @classmethod
    def of_model(cls, facts: Mapping[str, Any]) -> Self:
        return cls(
            architecture=facts.get("architecture"),
            classes=facts.get("classes"),
            only_size=facts.get("image_size") if facts.get("fixed_image_size") else None,
            warnings=tuple(map(str, facts.get("warnings") or ())),
            is_graph=facts.get("format") == GRAPH_FORMAT,
            known=True,
        )

    @classmethod
    def of_student(cls, uow: UnitOfWork, blobs: DirectoryBlobs, job: JobRow, pointer: str) -> Self:
        """As its config.json says; `Invalid` when that does not say what it is."""
        files = uow.artifacts.student(job.tenant_id, job.id)
        if files is None:
            message = f"the job {job.id} has left no student"
            raise Invalid((Problem("not_ready", message, "name another job", pointer),))
        try:
            card = Card.parse(b"".join(blobs.read_whole(files[1].blob_sha256)), pointer, CONFIG)
        except ModelInvalid as error:
            raise Invalid(error.problems) from None
        return cls(card.architecture, card.classes, card.class_names, card=card, known=True)


@dataclass(frozen=True, slots=True)
class Pupil:
    """The data that a student and its teachers look at, as far as it is known."""

    dataset: str
    image_size: int
    classes: int | None
    class_names: tuple[str, ...] | None
    known: bool


def teacher_problems(
    pointer: str, section: AnyTeacher, facts: TeacherFacts, data: Pupil
) -> Iterator[Problem]:
    if facts.card is not None:
        yield from facts.card.problems(section, pointer)
    elif section.architecture is not None and facts.architecture not in {
        None,
        section.architecture,
    }:
        found = facts.architecture
        message = f"{section.checkpoint} is a {found}, not a {section.architecture}"
        hint = f"write architecture: {found}, or name another model"
        yield Problem("architecture_differs", message, hint, f"{pointer}/architecture")
    yield from _image_size(pointer, section, facts, data)
    yield from _classes(pointer, section, facts, data)


def teacher_remarks(
    pointer: str, section: AnyTeacher, facts: TeacherFacts, data: Pupil
) -> Iterator[Problem]:
    """What would be done, and its user should know."""
    for told in facts.warnings:
        yield Problem("checkpoint_unwrapped", told, "", f"{pointer}/checkpoint")
    matched = _matched(pointer, section, facts, data)
    try:
        remark = None if matched is None else matched.remark
    except ModelInvalid:  # told as an error
        return
    if remark is not None:
        yield remark


def _image_size(
    pointer: str, section: AnyTeacher, facts: TeacherFacts, data: Pupil
) -> Iterator[Problem]:
    """Where the shapes of the weights depend on it, a teacher sees one size alone. A graph is shown
    its own, unless somebody says another.
    """
    otherwise = facts.only_size if facts.is_graph else data.image_size
    wanted, found = section.image_size or otherwise, facts.only_size
    if found not in {None, wanted}:
        message = f"{section.checkpoint} takes images of {found}x{found}, not {wanted}x{wanted}"
        key = f"{pointer}/image_size"
        hint = f"write {key.strip('/').replace('/', '.')}: {found}"
        yield Problem("image_size_differs", message, hint, key)


def _classes(
    pointer: str, section: AnyTeacher, facts: TeacherFacts, data: Pupil
) -> Iterator[Problem]:
    names = section.class_names or facts.class_names
    if names is not None and (wrong := miscounted(names, facts.classes, pointer)) is not None:
        yield wrong
        return
    if section.class_map is not None and names is None and facts.known:
        yield nameless("teacher", pointer)
    elif section.class_map is not None and data.class_names is None and data.known:
        yield nameless("data", pointer)
    elif (matched := _matched(pointer, section, facts, data)) is not None:
        try:
            _ = matched.columns
        except ModelInvalid as error:
            yield from error.problems
    elif None not in {data.classes, facts.classes} and data.classes != facts.classes:
        message = (
            f"{section.checkpoint} knows {facts.classes} classes and "
            f"{data.dataset} has {data.classes}"
        )
        hint = "list the teacher's in class_names, beside its checkpoint, and say which is which"
        yield Problem("classes_differ", message, hint, f"{pointer}/checkpoint")


def _matched(pointer: str, section: AnyTeacher, facts: TeacherFacts, data: Pupil) -> Classes | None:
    names = section.class_names or facts.class_names
    if names is None or data.class_names is None:
        return None
    return Classes(data.class_names, names, section.class_map, pointer)
