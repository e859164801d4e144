"""One process of the service: started so that it cannot outlive us, stopped with everything it
started, its words in a log file.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kd_core.errors import printable
from kd_core.process import die_with

LOG_BYTES = 10_000_000
TAIL_BYTES = 8192
LONGEST_LINE = 500


@dataclass(frozen=True)
class Program:
    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    folder: Path
    log: Path


class Child:
    """Start it from the main thread: the signal of a parent's death follows the thread."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._process = _start(program)

    @property
    def pid(self) -> int:
        return self._process.pid

    def ended(self) -> str | None:
        """How it ended; None while it runs."""
        # Left unreaped: its id, and so the id of its group, is nobody else's until `end`.
        found = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if found is None:
            return None
        if found.si_code == os.CLD_EXITED:
            return f"ended with exit code {found.si_status}"
        return f"was killed by {signal.Signals(found.si_status).name}"

    def ask_to_stop(self) -> None:
        os.kill(self.pid, signal.SIGTERM)

    def end(self) -> None:
        """Now, if it has not ended, and with it whatever of its group is left."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def last_words(self, count: int) -> tuple[str, ...]:
        try:
            with self.program.log.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
                text = file.read().decode("utf-8", errors="replace")
        except OSError:
            return ()
        lines = [printable(line, LONGEST_LINE) for line in text.splitlines() if line.strip()]
        return tuple(lines[-count:])


def _start(program: Program) -> subprocess.Popen[bytes]:
    _rotate(program.log)
    with program.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own programs
            list(program.command),
            cwd=program.folder,
            env=dict(program.environ),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Its own session: Ctrl-C reaches us alone, and we end the others in order.
            start_new_session=True,
            # We have one thread, so nothing that it could hold is locked after the fork.
            preexec_fn=partial(die_with, os.getpid()),  # noqa: PLW1509
        )


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_name(f"{log.name}.1"))
