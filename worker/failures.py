"""From how a trainer ended to what its user is told, and whether another attempt can help."""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kd_core.errors import DiskFull
from kd_core.events import RunFailed
from kd_core.process import STOPPED, SUCCEEDED
from kd_core.shortage import LESS_MEMORY, SAID
from stillhouse.domain.failure import ExitClass, Failure

# Codes of the science whose class does not follow from the place that they point at.
CLASS_OF_CODE = {
    "diverged": ExitClass.DIVERGED,
    "extra_missing": ExitClass.INTERNAL,
    "workdir_invalid": ExitClass.INTERNAL,
    "workdir_not_empty": ExitClass.INTERNAL,
    "workdir_in_use": ExitClass.INTERNAL,
    "workdir_of_another_run": ExitClass.INTERNAL,
    "workdir_locked": ExitClass.INTERNAL,
    "kd_error": ExitClass.INTERNAL,
}
OUT_OF_MEMORY = re.compile(f"{SAID.pattern}|MemoryError", re.IGNORECASE)
ABSOLUTE_PATH = re.compile(r"(?<![\w.~:/-])/(?:[^\s/'\",:;()]+/)+([^\s/'\",:;()]*)")
# Where a control group counts its kills: version 2, version 1.
MEMORY_EVENTS = (
    Path("/sys/fs/cgroup/memory.events"),
    Path("/sys/fs/cgroup/memory/memory.oom_control"),
)
MAKE_ROOM = "ask the operator to free space in the worker's STILLHOUSE_WORK_DIR"
LOOK_AT_THE_DISK = (
    "ask the operator whether /dev/shm and the worker's STILLHOUSE_WORK_DIR have room, and whether "
    "its disk is sound"
)
REPORT_IT = "tell the operator: the worker's log of this attempt has the details"


@dataclass(frozen=True)
class Exit:
    """All that is known of a process that ended without a result."""

    code: int
    failed: RunFailed | None = None
    """Its own last word."""
    last_line: str = ""
    """The last line of its stderr."""
    phase: str | None = None
    oom_killed: bool = False
    """The kernel killed somebody for want of memory meanwhile."""
    folder: Path | None = None
    """Nobody needs to know where the attempt's files were."""


def classify(end: Exit) -> Failure:
    if end.failed is not None:
        return _told(end, end.failed)
    if end.code < 0:
        return _killed(end)
    if end.code == STOPPED:
        return Failure(
            ExitClass.PREEMPTED,
            "preempted",
            "somebody outside of the service stopped the trainer",
            hint="nothing to do: the job goes on from its last checkpoint",
            phase=end.phase,
        )
    return _crashed(end)


def out_of_time(max_runtime_s: int, phase: str | None) -> Failure:
    return Failure(
        ExitClass.USER_ERROR,
        "max_runtime",
        f"the job has worked for limits.max_runtime_s, which is {max_runtime_s} s",
        hint="submit it again with a larger limits.max_runtime_s, or fewer epochs",
        phase=phase,
    )


def drained() -> Failure:
    return Failure(
        ExitClass.PREEMPTED,
        "worker_drained",
        "the worker was asked to stop",
        hint="nothing to do: the job goes on from its last checkpoint",
    )


def stalled(patience_s: float, phase: str | None, step: int) -> Failure:
    after = f" after step {step}" if step else ""
    return Failure(
        ExitClass.INFRA_LOST,
        "trainer_stalled",
        f"the trainer made no step for {patience_s:.0f} s{after} and was ended",
        hint="the job goes on from its last checkpoint; its log says where the trainer stood. If "
        "steps do take so long, ask the operator to raise STILLHOUSE_STALL_AFTER_S",
        phase=phase,
    )


def unexpected(phase: str | None = None) -> Failure:
    return Failure(
        ExitClass.INTERNAL,
        "supervisor_error",
        "the worker made a mistake with this job",
        hint=REPORT_IT,
        phase=phase,
    )


def oom_kills(places: Sequence[Path] = MEMORY_EVENTS) -> int:
    """How many processes of this control group the kernel has killed for want of memory."""
    return max(_oom_kills(place) for place in places)


def _oom_kills(events: Path) -> int:
    try:
        counts = dict(line.split() for line in events.read_text().splitlines())
        return int(counts.get("oom_kill", 0))
    except (OSError, ValueError):
        return 0


def from_inside(text: str, folder: Path | None) -> str:
    """Files of an attempt as its user knows them: nobody needs to know where the folder was."""
    return text if folder is None else text.replace(f"{folder}/", "")


def without_paths(text: str) -> str:
    """For words that were never meant for users: every file by its name alone."""
    return ABSOLUTE_PATH.sub(r"\1", text)


def _told(end: Exit, failed: RunFailed) -> Failure:
    message = f"{failed.file}: {failed.message}" if failed.file else failed.message
    if failed.code == DiskFull.code:
        said = without_paths(from_inside(message, end.folder))
        return Failure(
            ExitClass.INFRA_LOST, failed.code, f"on the worker, {said}", MAKE_ROOM, failed.phase
        )
    return Failure(
        _class_of(failed),
        failed.code,
        from_inside(message, end.folder),
        hint=from_inside(failed.hint, end.folder),
        phase=failed.phase,
    )


def _class_of(failed: RunFailed) -> ExitClass:
    if failed.code == "out_of_memory":
        return ExitClass.OOM_GPU if "cuda" in failed.message else ExitClass.OOM_HOST
    if failed.code in CLASS_OF_CODE:
        return CLASS_OF_CODE[failed.code]
    about_data = (failed.pointer or "").startswith("/data") or failed.phase == "preparing_data"
    return ExitClass.DATA_ERROR if about_data else ExitClass.USER_ERROR


def _killed(end: Exit) -> Failure:
    if OUT_OF_MEMORY.search(end.last_line):
        return _full(end)
    if end.oom_killed:
        return replace(
            _full(end),
            message="the trainer was killed while the kernel freed memory: most likely it had "
            "taken all that this worker may use",
        )
    try:
        name = signal.Signals(-end.code).name
    except ValueError:
        name = f"signal {-end.code}"
    lost = Failure(
        ExitClass.INFRA_LOST,
        "trainer_killed",
        f"the trainer was ended by {name}",
        hint="the job goes on from its last checkpoint, unless this happens again and again",
        phase=end.phase,
    )
    if name != signal.SIGBUS.name:
        return lost
    why = "a file that was mapped into memory had no room to grow, or could not be read"
    return replace(lost, message=f"{lost.message}: {why}", hint=f"{lost.hint}: {LOOK_AT_THE_DISK}")


def _full(end: Exit) -> Failure:
    gpu = "CUDA" in end.last_line
    return Failure(
        ExitClass.OOM_GPU if gpu else ExitClass.OOM_HOST,
        "out_of_memory",
        f"no memory left on the {'GPU' if gpu else 'worker'}",
        hint=LESS_MEMORY,
        phase=end.phase,
    )


def _crashed(end: Exit) -> Failure:
    if OUT_OF_MEMORY.search(end.last_line):
        return _full(end)
    said = without_paths(from_inside(end.last_line, end.folder))
    message = f"the trainer crashed: {said}" if said else f"the trainer crashed with {end.code}"
    if end.code == SUCCEEDED:
        message = "the trainer ended without a complete result"
    return Failure(ExitClass.INTERNAL, "trainer_crashed", message, REPORT_IT, phase=end.phase)
