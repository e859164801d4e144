"""What is known of the weights that a student begins with, held against its section."""

from __future__ import annotations

from collections.abc import Iterator

from api.jobs.teacher_facts import Pupil, TeacherFacts
from kd_core.errors import Problem
from kd_core.spec.models import Student
from stillhouse.domain.job_spec import INIT


def init_problems(student: Student, facts: TeacherFacts, data: Pupil) -> Iterator[Problem]:
    """Weights are loaded whole or not at all."""
    if facts.is_graph:
        message = f"{student.init} is an ONNX graph, which cannot be trained any further"
        yield Problem("checkpoint_not_weights", message, "name a model with weights", INIT)
    if facts.architecture not in {None, student.architecture}:
        message = f"{student.init} is a {facts.architecture}, not a {student.architecture}"
        hint = f"write architecture: {facts.architecture}, or name another model"
        yield Problem("architecture_differs", message, hint, "/student/architecture")
    if None not in {data.classes, facts.classes} and data.classes != facts.classes:
        message = f"{student.init} knows {facts.classes} classes and {data.dataset} {data.classes}"
        hint = "begin with weights for the data's classes, or at random"
        yield Problem("classes_differ", message, hint, INIT)
    wanted, found = student.image_size or data.image_size, facts.only_size
    if not facts.is_graph and found not in {None, wanted}:
        message = f"{student.init} takes images of {found}x{found}, not {wanted}x{wanted}"
        hint = f"write student.image_size: {found}"
        yield Problem("image_size_differs", message, hint, "/student/image_size")


def init_remarks(facts: TeacherFacts) -> Iterator[Problem]:
    for told in facts.warnings:
        yield Problem("checkpoint_unwrapped", told, "", INIT)
