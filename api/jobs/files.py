"""`file:` sources: only what lies under a folder that the operator allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from kd_core.errors import Problem
from kd_core.problems import shown
from kd_core.spec.sources import FILE
from stillhouse.domain.job_spec import JobSpec, Source


def file_problems(spec: JobSpec, roots: Sequence[Path]) -> Iterator[Problem]:
    for source in spec.sources():
        if source.is_file and (reason := _refusal(source, roots)) is not None:
            message, hint = reason
            yield Problem("file_not_allowed", message, hint, source.pointer)


def _refusal(source: Source, roots: Sequence[Path]) -> tuple[str, str] | None:
    upload = "upload it with POST /v1/uploads"
    operator = "ask the operator to add its folder to STILLHOUSE_DATA_ROOTS"
    path = Path(source.reference.removeprefix(FILE))
    name = shown(source.reference)
    if not roots:
        return f"{name}: this service reads no files of its own", f"{upload}, or {operator}"
    if not path.is_absolute():
        hint = f"write {FILE}/the/whole/path, or {upload}"
        return f"{name} is a relative path, and there is no folder that it starts from", hint
    if not _is_under(path, roots):
        return (
            f"{name} lies outside the folders that this service may read",
            f"{upload}, or {operator}",
        )
    return None


def _is_under(path: Path, roots: Sequence[Path]) -> bool:
    """Where it really is: a link, or `..`, leads nowhere else."""
    try:
        real = path.resolve()
        return any(real.is_relative_to(root.resolve()) for root in roots)
    except (OSError, RuntimeError, ValueError):  # a loop of links, a name that is too long
        return False
