"""Teachers and students as rows beside the specifications that name them, by every name that they
have there: an architecture, a registered model, another job's student.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stillhouse.store.job_marks import Mark
from stillhouse.store.tables import JobModelRow, JobRow

TEACHER, STUDENT = "teacher", "student"
LONGEST = 200
"""The path of a file of the server may be longer: nobody looks for jobs by it."""


def model_rows(job: JobRow) -> list[JobModelRow]:
    whose = {"job_id": job.id, "tenant_id": job.tenant_id, "created_at": job.created_at}
    named = sorted(set(_named(job.resolved)))
    short = [(role, name) for role, name in named if len(name) <= LONGEST]
    return [JobModelRow(role=role, name=name, **whose) for role, name in short]


def model_marks(tenant_id: str, wanted: Mapping[str, str | None]) -> list[Mark]:
    """By role; None: whichever it is."""
    return [
        Mark(JobModelRow, {"tenant_id": tenant_id, "role": role, "name": name})
        for role, name in wanted.items()
        if name is not None
    ]


def _named(resolved: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    student = resolved.get("student") or {}
    if student.get("architecture"):
        yield STUDENT, student["architecture"]
    for teacher in (resolved.get("teacher"), *(resolved.get("teachers") or ())):
        for name in ("architecture", "checkpoint"):
            if teacher and teacher.get(name):
                yield TEACHER, teacher[name]
