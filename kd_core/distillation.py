"""A whole job, from a specification to a student on disk: `kd_core.distill(spec, workdir)`."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic_core import to_jsonable_python

from kd_core.attempt import Attempt
from kd_core.clock import Clock, SystemClock
from kd_core.data import DecodedStore
from kd_core.errors import StorageFailed
from kd_core.events import Event, OnEvent, Payload
from kd_core.gates import judged
from kd_core.provenance.logbook import Logbook
from kd_core.report import Report
from kd_core.run import run
from kd_core.sealing import is_sealed, seal, unseal
from kd_core.spec import DistillSpec, parse_spec
from kd_core.spec.reading import read_document
from kd_core.training.surroundings import Surroundings
from kd_core.workdir import ATTEMPTS, MOST_DECODED_BYTES, Workdir, opened


def distill(  # noqa: PLR0913 - all but the first four have a name
    spec: DistillSpec | Mapping[str, Any] | Path | str,
    workdir: Path | str,
    on_event: OnEvent | None = None,
    resume: bool = True,  # noqa: FBT001, FBT002 - the published signature
    *,
    cache_dir: Path | str | None = None,
    cache_bytes: int = MOST_DECODED_BYTES,
    recordings_dir: Path | str | None = None,
    clock: Clock | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    allow_torch_checkpoints: bool = True,
    sent: Mapping[str, Any] | None = None,
) -> Report:
    """Train the student that the specification describes and write everything into `workdir`.

    `spec` is a `DistillSpec`, a mapping or the path of a YAML or JSON file; `file:` sources are
    relative to that file, or to the current folder. Called again after a crash, it goes on from
    the last checkpoint and ends in the same weights, bit for bit on a CPU; called after the end,
    it returns the report. `should_stop` is asked before every step.

    Decoded images are kept in `cache_dir`, which any number of runs may share and which is kept
    below `cache_bytes`; without one they are in `workdir` until the run is complete. Recorded
    answers of teachers (`recipe.teacher_cache`) are looked for in `recordings_dir`, if one is
    given, and left there; nothing is ever removed from it but what turns out to be wrong.

    `sent` is for the manifest: what somebody wrote, where `spec` was made of it.
    """
    base = Path(spec).resolve().parent if isinstance(spec, str | Path) else Path.cwd()
    wanted, written = _specification(spec)
    sent = written if sent is None else sent
    clock = clock or SystemClock()
    try:
        with opened(Path(workdir), wanted, resume=resume) as folder:
            finished = folder.report()
            if finished is not None:
                return _judged_again(folder, finished, wanted, sent, clock)
            unseal(folder)
            surroundings = Surroundings(_journal(folder, on_event, clock), clock, should_stop)
            store = DecodedStore(Path(cache_dir or folder.decoded), cache_bytes)
            report = run(
                Attempt(
                    wanted,
                    base,
                    folder,
                    surroundings,
                    decoded=store,
                    allow_torch_checkpoints=allow_torch_checkpoints,
                    shared_recordings=None if recordings_dir is None else Path(recordings_dir),
                )
            )
            seal(folder, report, wanted, sent, clock.now())
            shutil.rmtree(folder.decoded, ignore_errors=True)
            return report
    except OSError as error:
        raise StorageFailed.of(error) from error


def _judged_again(
    folder: Workdir, finished: Report, wanted: DistillSpec, sent: Mapping[str, Any], clock: Clock
) -> Report:
    """Gates ask about a run and change nothing in it: others may be asked when it is over."""
    report = judged(finished, wanted.gates)
    if not folder.shows(report):
        unseal(folder)
        folder.write_report(report)
    if not is_sealed(folder):  # or the run was killed just before
        seal(folder, report, wanted, sent, clock.now())
    return report


def _specification(
    spec: DistillSpec | Mapping[str, Any] | Path | str,
) -> tuple[DistillSpec, Mapping[str, Any]]:
    """It, and what it was made of, as JSON has it."""
    if isinstance(spec, DistillSpec):
        return spec, spec.model_dump(mode="json", exclude_unset=True)
    document = read_document(Path(spec)) if isinstance(spec, str | Path) else spec
    wanted = parse_spec(document)
    return wanted, to_jsonable_python(document, fallback=str, inf_nan_mode="strings")


def _journal(folder: Workdir, on_event: OnEvent | None, clock: Clock) -> Callable[[Payload], None]:
    """Where events go: a line in the folder, the times of the attempt, and whoever listens."""
    logbook = Logbook(folder.path / ATTEMPTS, clock)

    def emit(payload: Payload) -> None:
        event = Event.of(payload, clock.now())
        try:
            folder.append(event)
            logbook.hear(payload, event.at)
        finally:  # where there is no room for a line, somebody may still listen
            if on_event is not None:
                on_event(event)

    return emit
