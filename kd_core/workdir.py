"""The folder of one run: who may use it, what it remembers, and what a refused run leaves: nothing.

run.json        what was decided at the first attempt and holds for every resume
events.jsonl    what happened, one event a line
attempts.json   the processes that worked at it, and where their time went
checkpoints/    one folder for each training, two checkpoints each
teacher_answers/ recorded once, where the recipe asks for it
decoded/        images as training reads them, until the run is complete; a shared folder instead
teacher/        a teacher that this run trained: config.json, model.safetensors
int8/           the graph that a teacher answers by, where it answers in int8; what was tried before
                the student in int8 was chosen
artifacts/      what a user ships
predictions.csv every held-out sample with the answers of teacher and student
report.html     the report as a page, and
report.md       as text; both are made of
report.json     written last of these: the run is complete
README.md       a card that describes what is shipped
manifest.json   the digests of all that is shipped; nothing is changed while it is there
"""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from kd_core.errors import WorkdirInvalid
from kd_core.events import Event
from kd_core.files import PARTIAL, append_line, write_atomically
from kd_core.json_text import json_text
from kd_core.manifest import CARD, MANIFEST
from kd_core.pages.html.page import html
from kd_core.pages.markdown import markdown
from kd_core.report import Report
from kd_core.spec.lengthening import is_longer

if TYPE_CHECKING:
    from kd_core.spec import DistillSpec

LOCK, RECORD, EVENTS, REPORT = ".lock", "run.json", "events.jsonl", "report.json"
PAGES: Mapping[str, Callable[[Report], str]] = {"report.md": markdown, "report.html": html}
ATTEMPTS = "attempts.json"
SCRATCH = "scratch"
TEACHER_ANSWERS = "teacher_answers"
DECODED = "decoded"
MOST_DECODED_BYTES = 20 * 2**30
"""Of a run's own folder, or of one that runs share, unless it is said otherwise."""
OURS = {
    LOCK,
    RECORD,
    EVENTS,
    ATTEMPTS,
    REPORT,
    *PAGES,
    SCRATCH,
    TEACHER_ANSWERS,
    DECODED,
    "checkpoints",
    "teacher",
    "int8",
    "artifacts",
    "predictions.csv",
}
AFTER_TRAINING = (MANIFEST, REPORT, *PAGES, CARD, "predictions.csv", "artifacts")
"""In the order in which they lose their meaning: a report is of the files beside it."""
OF_A_RUN = {CARD, MANIFEST}
"""Ours where there is a run; before that, a README.md is somebody else's."""


class RunRecord(BaseModel):
    """What the first attempt decided. A resume that finds something else refuses to go on."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    schema_version: int = 1
    fingerprint: str
    spec: dict[str, Any]
    device: str
    threads: int
    inputs: dict[str, str | None]
    """Digests of what the run stands on: data, teacher or teachers.0, student.init."""
    versions: dict[str, str]
    chosen: dict[str, str] = {}
    """What `auto` came to mean: amp, teacher_precision, batch_size (and accumulate, where a batch
    was halved), the digest of an int8 teacher; those of a teacher that is trained here begin with
    "teacher.". And where the teacher's recorded answers came from: teacher_answers."""


class Workdir:
    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def scratch(self) -> Path:
        """For files that no run leaves behind."""
        folder = self.path / SCRATCH
        folder.mkdir(exist_ok=True)
        return folder

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def teacher(self) -> Path:
        return self.path / "teacher"

    @property
    def teacher_answers(self) -> Path:
        return self.path / TEACHER_ANSWERS

    @property
    def decoded(self) -> Path:
        return self.path / DECODED

    @property
    def int8(self) -> Path:
        return self.path / "int8"

    @property
    def artifacts(self) -> Path:
        return self.path / "artifacts"

    @property
    def predictions(self) -> Path:
        return self.path / "predictions.csv"

    def record(self) -> RunRecord | None:
        path = self.path / RECORD
        if not path.exists():
            return None
        try:
            return RunRecord.model_validate_json(path.read_bytes())
        except ValueError:
            raise _damaged(path) from None

    def choose(self, meanings: Mapping[str, str]) -> None:
        """Remember what `auto` came to mean, all at once; a resume does not choose again."""
        record = self.record()
        if record is not None:
            chosen = record.chosen | dict(meanings)
            self.write_record(record.model_copy(update={"chosen": chosen}))

    def write_record(self, record: RunRecord) -> None:
        self._write_json(RECORD, record.model_dump(mode="json"))

    def report(self) -> Report | None:
        return read_report(self.path / REPORT)

    def write_report(self, report: Report) -> None:
        """Its pages too; each file only where it would change."""
        for name, data in _documents(report).items():
            self._write(name, data)

    def shows(self, report: Report) -> bool:
        """Whether it and its pages are there as they would be written."""
        documents = _documents(report)
        return all(_has(self.path / name, data) for name, data in documents.items())

    def lengthen(self, spec: DistillSpec) -> None:
        """Go on with more epochs: what came after training is made anew, of other weights."""
        record = self.record()
        if record is None or record.fingerprint == spec.fingerprint:
            return
        for name in AFTER_TRAINING:
            _remove(self.path / name)
        views = spec.recipe.recorded_views
        if isinstance(views, int) and views > record.spec["recipe"]["epochs"]:
            _remove(self.teacher_answers)  # there are views to record that there were not
        # Last: until it is written this is the run that it was, and is lengthened again.
        longer = {"fingerprint": spec.fingerprint, "spec": spec.resolved()}
        self.write_record(record.model_copy(update=longer))

    def append(self, event: Event) -> None:
        append_line(self.path / EVENTS, event.model_dump_json().encode())

    def mend(self) -> None:
        """Remove what a killed attempt left half-written."""
        shutil.rmtree(self.path / SCRATCH, ignore_errors=True)
        for leftover in self.path.rglob(f"*{PARTIAL}"):
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        events = self.path / EVENTS
        if events.exists():
            whole, newline, torn = events.read_bytes().rpartition(b"\n")
            if torn:
                write_atomically(events, whole + newline)

    def clear(self) -> None:
        """Take back everything that was written here."""
        for name in OURS:
            _remove(self.path / name)

    def _write_json(self, name: str, document: Any) -> None:
        write_atomically(self.path / name, json_text(document).encode())

    def _write(self, name: str, data: bytes) -> None:
        path = self.path / name
        if not _has(path, data):
            write_atomically(path, data)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def read_report(path: Path) -> Report | None:
    """None where there is no such file."""
    if not path.exists():
        return None
    try:
        return Report.parse(json.loads(path.read_bytes()))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _damaged(path) from None


@contextmanager
def opened(path: Path, spec: DistillSpec, *, resume: bool) -> Iterator[Workdir]:
    """The folder of a run, locked. When the run is refused before it began, nothing stays."""
    created = _make(path)
    folder = Workdir(path)
    try:
        _refuse_foreign_files(path)
        with _locked(path / LOCK):
            _refuse_other_run(folder, spec, resume=resume)
            folder.mend()
            folder.lengthen(spec)
            try:
                yield folder
            finally:
                shutil.rmtree(path / SCRATCH, ignore_errors=True)
                if folder.record() is None:
                    folder.clear()
    finally:
        for made in created:
            if any(made.iterdir()):
                break
            made.rmdir()


def _make(path: Path) -> list[Path]:
    """Make the folder and return every one that was not there before, the deepest first."""
    try:
        new = [folder for folder in (path, *path.parents) if not folder.exists()]
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkdirInvalid(
            f"the folder cannot be made: {error.strerror}",
            hint="choose another place for --out",
            file=str(path),
        ) from None
    return new


def _damaged(path: Path) -> WorkdirInvalid:
    return WorkdirInvalid(
        "this file is damaged, or no run wrote it",
        hint="choose another folder; what this one holds cannot be trusted",
        file=str(path),
        code="workdir_damaged",
    )


def _refuse_foreign_files(path: Path) -> None:
    ours = OURS | OF_A_RUN if (path / RECORD).exists() else OURS
    foreign = sorted(
        child.name for child in path.iterdir() if child.name.removesuffix(PARTIAL) not in ours
    )
    if foreign:
        raise WorkdirInvalid(
            f"the folder holds files that are not a run's: {', '.join(foreign[:5])}",
            hint="choose an empty folder or a new one",
            file=str(path),
            code="workdir_not_empty",
        )


def _refuse_other_run(folder: Workdir, spec: DistillSpec, *, resume: bool) -> None:
    record = folder.record()
    if record is None:
        return
    if not resume:
        raise WorkdirInvalid(
            "the folder holds a run already",
            hint="--resume goes on with it; or choose another folder",
            file=str(folder.path),
            code="workdir_in_use",
        )
    if record.fingerprint != spec.fingerprint and not is_longer(spec, record.spec):
        changed = sorted(_differences(record.spec, spec.resolved()))
        raise WorkdirInvalid(
            f"the folder holds a run of another specification; changed: {', '.join(changed)}",
            hint="give back the specification it began with, or choose another folder; for more "
            "epochs alone write recipe.schedule.epochs too, as many as it had"
            if changed == ["/recipe/epochs"]
            else "give back the specification it began with, or choose another folder",
            file=str(folder.path),
            code="workdir_of_another_run",
        )


def _differences(before: Any, after: Any, pointer: str = "") -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in before.keys() | after.keys():
            yield from _differences(before.get(key), after.get(key), f"{pointer}/{key}")
    elif before != after and pointer != "/name":
        yield pointer


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One process at a time; the kernel lets go of the lock when the process dies."""
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WorkdirInvalid(
                "another process is working in this folder",
                hint="wait for it, or choose another folder",
                file=str(path.parent),
                code="workdir_locked",
            ) from None
        yield


def _documents(report: Report) -> dict[str, bytes]:
    """By their names, the report itself last: with it the run is complete."""
    texts = {name: page(report) for name, page in PAGES.items()}
    texts[REPORT] = json_text(report.as_json())
    return {name: text.encode() for name, text in texts.items()}


def _has(path: Path, data: bytes) -> bool:
    return path.is_file() and path.read_bytes() == data
