"""Checks: a model or a data set that a user registered is looked at once, by a process apart."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog

from kd_core.errors import Problem
from kd_core.spec.models import is_graph_file
from stillhouse.domain.errors import BlobCorrupted, NotFound, StaleAttempt, Unavailable
from stillhouse.domain.uploads import UploadKind
from stillhouse.store.checks import Check
from worker.failures import from_inside
from worker.scratch import scratch_folder, sweep
from worker.station import LEASHED, Station
from worker.workspace import CannotPrepare, check_room, file_name

TIMEOUT_S = 600.0
TICK_S = 0.5
OVER = timedelta(seconds=-1)
ANSWER = "answer.json"
SAID = "stderr.txt"
SAID_BYTES = 2_000
MEMORY_SHARE = 0.75
MAX_WRITTEN = 16 * 2**30

log = structlog.get_logger(__name__)


def check_next(station: Station, timeout_s: float = TIMEOUT_S) -> bool:
    """Check the oldest thing that waits for it; False when there is nothing, or nobody answers."""
    sweep(station.work)
    try:
        with station.books() as uow:
            check = uow.checks.claim(station.worker_id, station.settings.lease_ttl)
        if check is None:
            return False
        with structlog.contextvars.bound_contextvars(subject=check.subject):
            _carry_out(station, check, timeout_s)
    except StaleAttempt:
        log.warning("check.lost")
    except Unavailable:
        log.warning("check.interrupted", exc_info=True)
        return False
    return True


def _carry_out(station: Station, check: Check, timeout_s: float) -> None:
    name = f"checks/{check.subject}-{check.attempt}"
    with scratch_folder(station.work, name) as folder:
        try:
            check_room(folder, check.size_bytes)
        except CannotPrepare as error:
            log.warning("check.no_room", reason=str(error))
            time.sleep(TICK_S)
            _give_back(station, check)
            return
        file = folder / "upload" / file_name(check.filename)
        file.parent.mkdir()
        try:
            station.blobs.copy_to(check.blob_sha256, file)
        except (BlobCorrupted, NotFound):
            _reject(station, check, [_lost(check)])
            return
        code = _inspect(station, check, file, folder, timeout_s)
        answer = _answer(folder / ANSWER) if code == 0 else None
        if code is None:
            _reject(station, check, [_took_too_long(timeout_s)])
        elif answer is None:
            # Asked again at once; the store says when it was often enough.
            log.error("check.died", code=code, said=_end_of(folder / SAID))
            _give_back(station, check)
        elif "facts" in answer:
            with station.books() as uow:
                uow.checks.ready(check, answer["facts"])
            log.info("check.ready")
        else:
            _reject(station, check, [_problem(found, file) for found in answer["problems"]])


def _inspect(
    station: Station, check: Check, file: Path, folder: Path, timeout_s: float
) -> int | None:
    """The exit status of the inspection; None when it took too long."""
    command = [*LEASHED, json.dumps(_limits(timeout_s)), str(os.getpid())]
    with (folder / ANSWER).open("wb") as answer, (folder / SAID).open("wb") as said:
        process = subprocess.Popen(  # noqa: S603 - a fixed program; no shell, no secret
            [*command, "kd_core.inspection", *_question(station, check, file)],
            cwd=folder,
            env=dict(station.environment),
            stdin=subprocess.DEVNULL,
            stdout=answer,
            stderr=said,
            start_new_session=True,
        )
        try:
            return _wait(station, check, process, timeout_s)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(
    station: Station, check: Check, process: subprocess.Popen[bytes], timeout_s: float
) -> int | None:
    began = renewed = time.monotonic()
    while (now := time.monotonic()) - began < timeout_s:
        with suppress(subprocess.TimeoutExpired):
            return process.wait(TICK_S)
        if now - renewed >= station.settings.lease_renew_s:
            with station.books() as uow:
                uow.checks.renew(check, station.settings.lease_ttl)
            renewed = now
    return None


def _question(station: Station, check: Check, file: Path) -> Sequence[str]:
    if check.kind is UploadKind.DATASET:
        unlabelled = bool(check.declared.get("unlabelled"))
        return ["dataset", str(file), *(["--unlabelled"] if unlabelled else [])]
    side = check.declared.get("image_size")
    flags = [] if side is None else ["--image-size", str(side)]
    if is_graph_file(check.filename):
        return ["graph", str(file), *flags]
    if not station.settings.allow_torch_checkpoints:
        flags.append("--no-torch-checkpoints")
    return ["model", str(file), str(check.declared["architecture"]), *flags]


def _limits(timeout_s: float) -> dict[str, int]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "CORE": 0,
        # Processor time of all its threads together.
        "CPU": int(timeout_s) * (os.cpu_count() or 1),
        # What it writes to: not the address space, most of which torch only maps.
        "DATA": int(memory * MEMORY_SHARE),
        "FSIZE": MAX_WRITTEN,
    }


def _answer(file: Path) -> dict[str, Any] | None:
    try:
        answer: dict[str, Any] = json.loads(file.read_bytes())
    except ValueError:
        return None
    return answer if answer.keys() & {"facts", "problems"} else None


def _problem(found: dict[str, Any], file: Path) -> Problem:
    problem = Problem(**found)
    folder = file.parent
    return replace(
        problem,
        message=from_inside(problem.message, folder),
        hint=from_inside(problem.hint, folder),
        file=from_inside(problem.file, folder) if problem.file else None,
    )


def _lost(check: Check) -> Problem:
    return Problem(
        BlobCorrupted.code,
        "the stored bytes of the upload are damaged or lost",
        "upload the file again",
        file=check.filename,
    )


def _took_too_long(timeout_s: float) -> Problem:
    return Problem(
        "check_timeout",
        f"looking at it took longer than {timeout_s:.0f} s",
        "split the data set, or make its images smaller",
    )


def _reject(station: Station, check: Check, problems: Sequence[Problem]) -> None:
    with station.books() as uow:
        uow.checks.rejected(check, problems)
    log.info("check.rejected", codes=[problem.code for problem in problems])


def _give_back(station: Station, check: Check) -> None:
    with station.books() as uow:
        uow.checks.renew(check, OVER)


def _end_of(file: Path) -> str:
    return file.read_bytes()[-SAID_BYTES:].decode(errors="replace")
