"""Warm starts: a process kept beside the supervisor that has all imported and forks trainers.

Where there is none, or it does not answer, a trainer starts cold; nothing else changes by it.
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

import kd_core
from kd_core.zygote import ENDED, MAX_BYTES, PID, READY, Request
from worker.listener import Streams

STARTS_WITHIN_S = 60.0
FORKS_WITHIN_S = 5.0
# Its trainers are listed by their own command line, which names three paths: room for it.
ROOM = " " * 1000

log = structlog.get_logger(__name__)


class NotWarm(Exception):
    """There is no zygote to fork from; the message says why."""


@dataclass
class Life:
    """One process, from its start to its end."""

    process: subprocess.Popen[bytes]
    line: socket.socket
    code: object
    began: float
    is_ready: bool = False

    @property
    def is_over(self) -> bool:
        return self.process.poll() is not None

    def hear(self, within_s: float) -> dict[str, Any]:
        self.line.settimeout(within_s)
        message = self.line.recv(MAX_BYTES)
        if not message:
            raise ConnectionResetError("it is gone")
        told: dict[str, Any] = json.loads(message)
        return told


class Zygote:
    """At most one process at a time, and at most one trainer of it."""

    def __init__(
        self, environment: Mapping[str, str], code: Callable[[], object] | None = None
    ) -> None:
        """`code` answers something else when a process that began before has grown old."""
        self._environment = environment
        self._code = code or code_on_disk
        self._life: Life | None = None

    def renew(self) -> None:
        """See that one is there, or on its way; a dead one, or one of older code, is replaced.

        Call it from a thread that stays: the kernel kills the process when that thread ends.
        """
        code, life = self._code(), self._life
        if life is not None:
            if code == life.code and not life.is_over:
                return
            log.info("zygote.replaced", died=life.is_over, code_changed=code != life.code)
            self.end()
        self._life = _begun(self._environment, code)

    def has_settled(self, within_s: float) -> bool:
        """Whether there is nothing to wait for: it is ready, or nobody waits for it any more."""
        life = self._life
        if life is None or life.is_ready:
            return True
        with suppress(OSError):
            life.is_ready = READY in life.hear(within_s)
        slow = time.monotonic() - life.began > STARTS_WITHIN_S
        return life.is_ready or life.is_over or slow

    def fork(
        self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], to: Streams
    ) -> Forked:
        """A trainer in a session of its own. `NotWarm`: there is none, and none will come."""
        life = self._life
        if life is None or not life.is_ready:
            raise NotWarm("the zygote did not start")
        request = Request(arguments, str(folder), environment)
        try:
            socket.send_fds(life.line, [request.encoded()], [to.events, to.stdout, to.stderr])
            return Forked(self, life.hear(FORKS_WITHIN_S)[PID])
        except (OSError, KeyError) as error:
            # A trainer that comes to life after this finds its parent gone.
            self.end()
            raise NotWarm(f"the zygote did not fork: {error!r}") from error

    def hear_end(self, within_s: float) -> int | None:
        """The exit status of its trainer; None: it still runs."""
        if self._life is not None:
            try:
                return int(self._life.hear(within_s)[ENDED])
            except (TimeoutError, BlockingIOError):
                return None
            except OSError:
                log.warning("zygote.died")
        # Its trainer dies with it.
        return -signal.SIGKILL

    def end(self) -> None:
        """Now; its trainer, if there is one, dies with it."""
        if self._life is not None:
            self._life.process.kill()
            self._life.process.wait()
            self._life.line.close()
            self._life = None


class Forked:
    """A trainer whose parent is the zygote."""

    def __init__(self, zygote: Zygote, pid: int) -> None:
        self.pid = pid
        self._zygote = zygote
        self._code: int | None = None

    def wait(self, timeout_s: float) -> int | None:
        if self._code is None:
            self._code = self._zygote.hear_end(timeout_s)
        return self._code

    def let_go(self) -> None:
        # A zygote that waits for a trainer which cannot die can serve nobody else.
        if self._code is None:
            self._zygote.end()


def _begun(environment: Mapping[str, str], code: object) -> Life:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    whom = ["--requests-fd", str(theirs.fileno()), "--parent-pid", str(os.getpid())]
    with theirs:
        process = subprocess.Popen(  # noqa: S603 - a fixed program; no shell, no secret
            [sys.executable, "-m", "kd_core.zygote", *whom, "--room", ROOM],
            cwd="/",
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            # Ctrl-C is for the worker, which ends its trainers in order.
            start_new_session=True,
        )
    return Life(process, ours, code, time.monotonic())


def code_on_disk() -> tuple[object, ...]:
    """Another one when a file of the science has changed, or packages beside torch have."""
    science = Path(kd_core.__path__[0])
    torch = importlib.util.find_spec("torch")
    packages = Path(torch.origin).parents[1] if torch is not None and torch.origin else science
    files = (packages, *sorted(science.rglob("*.py")))
    return tuple((str(file), file.stat().st_mtime_ns) for file in files)
