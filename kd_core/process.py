"""The science in a process of its own: `python -m kd_core.process SPEC WORKDIR --events-fd N`.

Events leave by a pipe, one JSON line each, and never by stdout: stdout and stderr are log lines.
The process dies with its parent, and stops with a checkpoint when it is sent SIGTERM. Sent SIGUSR1
it writes to stderr where each of its threads stands.
"""

from __future__ import annotations

import argparse
import ctypes
import faulthandler
import json
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from kd_core.errors import (
    DataInvalid,
    DeviceUnavailable,
    KdError,
    LossInputInvalid,
    ModelInvalid,
    SpecInvalid,
    Stopped,
    WorkdirInvalid,
)
from kd_core.events import Event, RunFailed
from kd_core.workdir import MOST_DECODED_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

SUCCEEDED, FAILED, REFUSED, STOPPED = 0, 3, 6, 130
REFUSALS = (
    SpecInvalid,
    DataInvalid,
    DeviceUnavailable,
    ModelInvalid,
    LossInputInvalid,
    WorkdirInvalid,
)
PR_SET_PDEATHSIG = 1
TELL_YOUR_STACKS = signal.SIGUSR1


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="kd_core.process", description=__doc__)
    parser.add_argument("spec", type=Path)
    parser.add_argument("workdir", type=Path)
    parser.add_argument("--events-fd", type=int, required=True)
    parser.add_argument("--parent-pid", type=int)
    parser.add_argument("--no-torch-checkpoints", action="store_true")
    parser.add_argument("--sent", type=Path, help="what the spec was made of, for the manifest")
    parser.add_argument("--cache-dir", type=Path, help="decoded images; default: in the workdir")
    parser.add_argument("--cache-bytes", type=int, default=MOST_DECODED_BYTES)
    parser.add_argument("--recordings-dir", type=Path, help="recorded answers that runs share")
    given = parser.parse_args(arguments)
    if given.parent_pid is not None:
        die_with(given.parent_pid)
    # Before torch is imported: threads that spin while they wait starve their neighbours.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    faulthandler.register(TELL_YOUR_STACKS)
    with os.fdopen(given.events_fd, "w", encoding="utf-8") as pipe:
        return _distil(given, pipe)


def die_with(parent: int) -> None:
    """Be killed when the parent ends; a parent that is gone already is noticed here."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        sys.exit(FAILED)


def _distil(given: argparse.Namespace, pipe: TextIO) -> int:
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: asked.append(number))

    told: list[str] = []

    def tell(event: Event) -> None:
        pipe.write(event.model_dump_json() + "\n")
        pipe.flush()
        told[:] = [event.type]

    import kd_core

    try:
        kd_core.distill(
            given.spec,
            given.workdir,
            on_event=tell,
            should_stop=lambda: bool(asked),
            cache_dir=given.cache_dir,
            cache_bytes=given.cache_bytes,
            recordings_dir=given.recordings_dir,
            allow_torch_checkpoints=not given.no_torch_checkpoints,
            sent=None if given.sent is None else json.loads(given.sent.read_bytes()),
        )
    except Stopped:
        return STOPPED
    except KdError as error:
        if told != [RunFailed.type]:  # refused before the run had a folder to write events to
            tell(Event.of(RunFailed.of(error, "validating"), datetime.now(UTC)))
        return REFUSED if isinstance(error, REFUSALS) else FAILED
    return SUCCEEDED


if __name__ == "__main__":
    sys.exit(main())
