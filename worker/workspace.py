"""The folder of one attempt: its inputs, its specification, the run, and what the run made.

spec.json   the science of the job; its sources are relative to it, so they read alike on any node
sent.json   the specification as the user wrote it
inputs/     models and data sets, copied from the blobs and checked on the way
run/        the folder that the trainer works in
recordings/ what teachers answered: as other jobs left it, and what this one leaves
"""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kd_core.manifest import CARD, MANIFEST
from kd_core.spec.sources import FILE
from kd_core.workdir import REPORT
from stillhouse.domain.errors import WAY_BACK, BlobCorrupted, BlobMissing, NotFound
from stillhouse.domain.failure import ExitClass, Failure
from stillhouse.domain.job_spec import INIT, JobSpec, Source
from stillhouse.store import DirectoryBlobs, UnitOfWork
from stillhouse.store.artifacts import CONFIG, MODEL
from worker.failures import MAKE_ROOM

SPARE_BYTES = 256 * 2**20
CHUNK = 1 << 20
MAX_NAME_BYTES = 200


class CannotPrepare(Exception):
    """The attempt ends before there is a process."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(frozen=True)
class Input:
    """A file of what the service keeps, and the place in the specification that names it."""

    pointer: str
    filename: str
    sha256: str
    size_bytes: int
    of_folder: bool = False
    """What is named is the folder that it lies in."""
    also: Mapping[str, str] = field(default_factory=dict)
    """What is known of it and the specification leaves out, by pointer."""

    @property
    def source(self) -> str:
        """What the specification is told to read."""
        return f"{FILE}{Path(self.place).parent if self.of_folder else self.place}"

    @property
    def place(self) -> str:
        """Relative to spec.json: `inputs/data/dataset/cats.zip`."""
        return f"inputs{self.pointer}/{file_name(self.filename)}"


@dataclass(frozen=True)
class Product:
    """A file that a user can have when the job has succeeded."""

    name: str
    path: str
    format: str
    media_type: str


PRODUCTS = (
    Product(REPORT, REPORT, "json", "application/json"),
    Product(MANIFEST, MANIFEST, "json", "application/json"),
    Product(CARD, CARD, "markdown", "text/markdown"),
    Product("predictions.csv", "predictions.csv", "csv", "text/csv"),
    Product(MODEL, f"artifacts/{MODEL}", "safetensors", "application/octet-stream"),
    Product(CONFIG, f"artifacts/{CONFIG}", "safetensors", "application/json"),
)
"""What every run leaves."""
DOCUMENTS = (
    Product("report.md", "report.md", "markdown", "text/markdown"),
    Product("report.html", "report.html", "html", "text/html"),
)
"""What it leaves besides, where its trainer writes them."""


@dataclass(frozen=True)
class Workspace:
    folder: Path

    @property
    def spec(self) -> Path:
        return self.folder / "spec.json"

    @property
    def sent(self) -> Path:
        return self.folder / "sent.json"

    @property
    def run(self) -> Path:
        return self.folder / "run"

    @property
    def recordings(self) -> Path:
        return self.folder / "recordings"

    @property
    def staging(self) -> Path:
        return self.folder / "staging"

    def prepare(
        self,
        spec: JobSpec,
        inputs: list[Input],
        blobs: DirectoryBlobs,
        *,
        sent: Mapping[str, Any],
        roots: tuple[Path, ...] = (),
        also_bytes: int = 0,
    ) -> None:
        """Everything that the trainer reads, but for the snapshot it may go on from."""
        for source in spec.sources():
            _refuse_outside(source, roots)
        check_room(self.folder, sum(one.size_bytes for one in inputs) + also_bytes)
        for one in inputs:
            target = self.folder / one.place
            target.parent.mkdir(parents=True, exist_ok=True)
            _fetch(one, blobs, target)
        places = {one.pointer: one.source for one in inputs}
        known = {pointer: value for one in inputs for pointer, value in one.also.items()}
        science = spec.distillation(places | known)
        self.spec.write_text(json.dumps(science.resolved()), encoding="utf-8")
        self.sent.write_text(json.dumps(sent), encoding="utf-8")
        self.run.mkdir()

    def begin_anew(self) -> None:
        """Throw away what was restored."""
        shutil.rmtree(self.run)
        self.run.mkdir()


def inputs_of(uow: UnitOfWork, tenant_id: str, spec: JobSpec) -> list[Input]:
    """What the job reads of what the service keeps. A job that is not over keeps it there."""
    found: list[Input] = []
    for source in spec.sources():
        if source.job_id:
            files = _student(uow, tenant_id, source.pointer, source.job_id)
            found += _weights(files) if source.pointer == INIT else files
            continue
        also = {}
        if source.model_id:
            row: Any = uow.models.get(tenant_id, source.model_id)
            also = _architecture(spec, source, row.facts or {})
        elif source.dataset_version:
            row = uow.datasets.version(tenant_id, *source.dataset_version)
        else:
            continue
        file = source.pointer, row.filename, row.blob_sha256, row.size_bytes
        found.append(Input(*file, also=also))
    return found


def _student(uow: UnitOfWork, tenant_id: str, pointer: str, job_id: str) -> Iterator[Input]:
    """The student of another job, as the folder that it is shipped in."""
    rows = uow.artifacts.student(tenant_id, job_id)
    if rows is None:
        raise NotFound("student of the job", job_id)
    for row in rows:
        name = Path(row.name).name
        yield Input(pointer, name, row.blob_sha256, row.size_bytes, of_folder=True)


def _weights(files: Iterator[Input]) -> Iterator[Input]:
    """Of a student that another one begins as: it has its own description."""
    names = (replace(one, of_folder=False) for one in files)
    return (one for one in names if one.filename == Path(MODEL).name)


def _architecture(spec: JobSpec, source: Source, facts: Mapping[str, Any]) -> dict[str, str]:
    """Of a registered model, where the specification leaves it to the model; a graph has none."""
    section = source.pointer.rpartition("/")[0]
    teacher = spec.all_teachers.get(section)
    if teacher is None or teacher.architecture is not None or "architecture" not in facts:
        return {}
    return {f"{section}/architecture": facts["architecture"]}


def _fetch(one: Input, blobs: DirectoryBlobs, target: Path) -> None:
    try:
        blobs.copy_to(one.sha256, target)
    except (BlobCorrupted, NotFound) as error:
        # Another attempt would read the same bytes.
        corrupted = isinstance(error, BlobCorrupted)
        raise CannotPrepare(
            Failure(
                ExitClass.DATA_ERROR,
                BlobCorrupted.code if corrupted else BlobMissing.code,
                f"{one.pointer}: the stored bytes of {one.filename} are "
                f"{'damaged' if corrupted else 'lost'}",
                hint=WAY_BACK,
            )
        ) from error


def file_name(shown: str) -> str:
    """The name that the user gave, so that messages name it; its end alone when it is too long."""
    if len(shown.encode()) <= MAX_NAME_BYTES:
        return shown
    end = "".join(Path(shown).suffixes[-2:])
    return f"file{end}" if len(end.encode()) < MAX_NAME_BYTES else "file"


def check_room(folder: Path, needed_bytes: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed_bytes + SPARE_BYTES:
        raise CannotPrepare(disk_full(needed_bytes + SPARE_BYTES, free))


def disk_full(needed_bytes: int | None = None, free_bytes: int | None = None) -> Failure:
    room = (
        f": {_mb(needed_bytes)} are needed and {_mb(free_bytes)} are free"
        if needed_bytes is not None and free_bytes is not None
        else ""
    )
    return Failure(
        ExitClass.INFRA_LOST,
        "disk_full",
        f"the worker's disk has no room for this job{room}",
        hint=MAKE_ROOM,
    )


def is_disk_full(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}


def _refuse_outside(source: Source, roots: tuple[Path, ...]) -> None:
    """The API refused it already; a worker whose roots differ does not have to believe that."""
    if not source.is_file:
        return
    path = Path(source.reference.removeprefix(FILE))
    inside = path.is_absolute() and any(
        path.resolve().is_relative_to(root.resolve()) for root in roots
    )
    if not inside:
        raise CannotPrepare(
            Failure(
                ExitClass.USER_ERROR,
                "file_not_allowed",
                f"{source.pointer} names a file that this worker may not read",
                hint="upload it, or ask the operator to add its folder to STILLHOUSE_DATA_ROOTS",
            )
        )


def chunks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _mb(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.0f} MB"
