"""The trainer's process: started in a session of its own, listened to, and ended with its group."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol, Self

import structlog

from kd_core.process import TELL_YOUR_STACKS
from worker.listener import Streams, hearing, pipes
from worker.mailbox import Mailbox
from worker.zygote import NotWarm, Zygote

GONE_WITHIN_S = 10.0
POLL_S = 0.05

log = structlog.get_logger(__name__)


class Running(Protocol):
    """A process that leads a session, however it was started."""

    @property
    def pid(self) -> int: ...

    def wait(self, timeout_s: float) -> int | None:
        """How it ended, or None: it still runs."""

    def let_go(self) -> None:
        """It was killed: leave nothing behind that waits for it."""


class TrainerProcess:
    """Start it from a thread that stays: the kernel kills it when that thread ends."""

    def __init__(
        self,
        program: Sequence[str],
        arguments: Sequence[str] = (),
        *,
        folder: Path,
        environment: Mapping[str, str],
        mailbox: Mailbox,
        zygote: Zygote | None = None,
    ) -> None:
        """`program` is told by `--events-fd` where to speak and by `--parent-pid` whom to serve.

        With a zygote that is ready the trainer is forked from it, and `program` is what it would
        have been without one.
        """
        ears, mouths = pipes()
        try:
            self._running = _forked(zygote, arguments, folder, environment, mouths) or Interpreter(
                [*program, *arguments], folder, environment, mouths
            )
        except BaseException:
            ears.close()
            raise
        finally:
            mouths.close()
        self._listener = hearing(ears, mailbox)

    @property
    def pid(self) -> int:
        return self._running.pid

    def wait(self, timeout_s: float) -> int | None:
        """How it ended, or None: it still runs."""
        return self._running.wait(timeout_s)

    def ask_to_stop(self) -> None:
        self._signal(signal.SIGTERM)

    def ask_where_it_stands(self) -> None:
        """Its stacks go to its log, whatever it hangs in."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, TELL_YOUR_STACKS)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> bool:
        """Kill what is left of its group and hear it out. False when something is still there."""
        self.kill()
        self._running.wait(GONE_WITHIN_S)
        gone = _wait_until(lambda: not group_members(self.pid), GONE_WITHIN_S)
        self._running.let_go()
        self._listener.finish()
        return gone

    def _signal(self, number: signal.Signals) -> None:
        # The group keeps its number as long as one member of it is there.
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)


class Interpreter:
    """Started cold: a program of its own, which imports everything first."""

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str], to: Streams
    ) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - a fixed program; no shell, no secret
            [*command, "--events-fd", str(to.events), "--parent-pid", str(os.getpid())],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=to.stdout,
            stderr=to.stderr,
            pass_fds=[to.events],
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait(self, timeout_s: float) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(timeout_s)
        return None

    def let_go(self) -> None:
        self._process.poll()


def _forked(
    zygote: Zygote | None,
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    to: Streams,
) -> Running | None:
    if zygote is None:
        return None
    try:
        return zygote.fork(arguments, folder, environment, to)
    except NotWarm as error:
        log.warning("trainer.starts_cold", why=str(error))
        return None


def group_members(group: int) -> list[int]:
    """The processes of a group that are more than an exit status nobody has collected."""
    members = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(OSError):
            # The name before the parenthesis may hold anything, so count from behind it.
            state, _, pgrp = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
            if int(pgrp) == group and state not in {"Z", "X"}:
                members.append(int(entry.name))
    return members


def _wait_until(claim: Callable[[], bool], within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while not claim():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True
