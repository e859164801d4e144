"""What a job will take, as far as that is known before it runs, and what it is known from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from api.answers import Answer
from api.jobs.facts import DATA, Facts
from kd_core.report import MEGABYTE
from kd_core.shortage import in_words
from stillhouse.domain.job_spec import JobSpec
from stillhouse.domain.likeness import epochs_in_all
from stillhouse.domain.realm import Realm
from stillhouse.store import UnitOfWork
from stillhouse.store.jobs import Inputs
from stillhouse.store.precedents import Precedent
from stillhouse.store.tables import DatasetVersionRow, ModelRow

CHANNELS = 3
UNKNOWN = (
    "no job of this student, teacher, data set, image size, batch size and device has succeeded "
    "here yet"
)


class Estimate(Answer):
    value: float | None
    """null: nobody can know yet."""
    basis: str
    """What it is known from, or why it is not."""


class Estimates(Answer):
    seconds: Estimate
    """From its start to its end, without the time in the queue."""
    memory_bytes: Estimate
    """What training holds at the most, of the device or, on a CPU, in its process."""
    disk_bytes: Estimate
    """What it needs on the disk of its worker."""

    @classmethod
    def of(
        cls, uow: UnitOfWork, realm: Realm, spec: JobSpec, inputs: Inputs, facts: Facts
    ) -> Estimates:
        resolved = spec.resolved()
        found = uow.precedents.of(realm, resolved)
        return cls(
            seconds=_seconds(found, resolved),
            memory_bytes=_memory(found),
            disk_bytes=_disk(found, spec, inputs, facts),
        )


def _seconds(found: Sequence[Precedent], resolved: Mapping[str, Any]) -> Estimate:
    if not found:
        return Estimate(value=None, basis=UNKNOWN)
    each = median(one.seconds / one.epochs for one in found)
    epochs = epochs_in_all(resolved)
    basis = f"{_jobs(found)}: {each:.3g} s for each epoch of a student, and there are {epochs}"
    return Estimate(value=each * epochs, basis=basis)


def _memory(found: Sequence[Precedent]) -> Estimate:
    peaks = [one.peak_mb for one in found if one.peak_mb is not None]
    if not found:
        return Estimate(value=None, basis=UNKNOWN)
    if not peaks:
        return Estimate(value=None, basis=f"{_jobs(found)}: nothing was told of memory")
    basis = f"{_jobs(found)}: the most that was told of one"
    return Estimate(value=max(peaks) * MEGABYTE, basis=basis)


def _disk(found: Sequence[Precedent], spec: JobSpec, inputs: Inputs, facts: Facts) -> Estimate:
    parts: list[tuple[float, str]] = []
    brought = sum(
        row.size_bytes
        for row in inputs.ready.values()
        if isinstance(row, ModelRow | DatasetVersionRow)
    )
    if brought:
        parts.append((brought, f"{in_words(brought)} of uploads that it names"))
    samples, side = facts.data.get("samples"), spec.data.image_size
    if samples is not None and DATA in inputs.ready:
        decoded = samples * side * side * CHANNELS
        parts.append((decoded, f"{in_words(decoded)} of {samples} images at {side}x{side}"))
    if found:
        made = median(one.made_bytes for one in found)
        parts.append((made, f"{in_words(int(made))} of files, as {_jobs(found)} made"))
    known = "; ".join(words for _, words in parts)
    if not found:
        basis = f"{known}; what it will make is not in it: {UNKNOWN}" if known else UNKNOWN
        return Estimate(value=sum(size for size, _ in parts) or None, basis=basis)
    return Estimate(value=sum(size for size, _ in parts), basis=known)


def _jobs(found: Sequence[Precedent]) -> str:
    return "a job like it" if len(found) == 1 else f"{len(found)} jobs like it"
