"""The trainer's process: started in a session of its own, listened to, and ended with its group."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Self

from kd_core.process import TELL_YOUR_STACKS
from stillhouse.domain.events import Stream
from worker.mailbox import Mailbox

CHUNK = 1 << 16
MAX_EVENT_BYTES = 1 << 20
MAX_LINE_BYTES = 1 << 14
GONE_WITHIN_S = 10.0
HEARD_WITHIN_S = 2.0
POLL_S = 0.05


class TrainerProcess:
    """Start it from a thread that stays: the kernel kills it when that thread ends."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        mailbox: Mailbox,
    ) -> None:
        """`command` is told by `--events-fd` where to speak and by `--parent-pid` whom to serve."""
        ears, mouth = os.pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - a fixed program; no shell, no secret
                [*command, "--events-fd", str(mouth), "--parent-pid", str(os.getpid())],
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=[mouth],
                start_new_session=True,
            )
        except BaseException:
            os.close(ears)
            raise
        finally:
            os.close(mouth)
        self._listener = Listener(_hearing(self._process, ears, mailbox))

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait(self, timeout_s: float) -> int | None:
        """How it ended, or None: it still runs."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(timeout_s)
        return None

    def ask_to_stop(self) -> None:
        self._signal(signal.SIGTERM)

    def ask_where_it_stands(self) -> None:
        """Its stacks go to its log, whatever it hangs in."""
        self._process.send_signal(TELL_YOUR_STACKS)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> bool:
        """Kill what is left of its group and hear it out. False when something is still there."""
        self.kill()
        self._process.wait()
        gone = _wait_until(lambda: not group_members(self.pid), GONE_WITHIN_S)
        self._listener.finish()
        return gone

    def _signal(self, number: signal.Signals) -> None:
        # The group keeps its number as long as one member of it is there.
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)


class Ear:
    """Cuts what arrives on one descriptor into lines, however it arrives; long ones end early."""

    def __init__(
        self, file: IO[bytes], hear: Callable[[bytes], None], longest: int = MAX_LINE_BYTES
    ) -> None:
        self.file = file
        self._hear = hear
        self._longest = longest
        self._begun = b""
        self._skipping = False

    def take(self, chunk: bytes) -> None:
        *whole, self._begun = (self._begun + chunk).split(b"\n")
        for line in whole:
            self._say(line)
        if len(self._begun) > self._longest:
            self._say(self._begun[: self._longest])
            self._begun, self._skipping = b"", True

    def close(self) -> None:
        if self._begun:
            self._say(self._begun)
        self.file.close()

    def _say(self, line: bytes) -> None:
        if self._skipping:
            self._skipping = False
        else:
            self._hear(line)


class Listener:
    """Reads everything as it comes, in a thread: a full pipe would hold up the trainer."""

    def __init__(self, ears: Sequence[Ear]) -> None:
        self._ears = ears
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="listener", daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """All that was said is heard when this returns."""
        self._thread.join(HEARD_WITHIN_S)
        # Somebody outside the group may hold a pipe open for ever.
        self._over.set()
        self._thread.join()

    def _listen(self) -> None:
        with selectors.DefaultSelector() as selector:
            for ear in self._ears:
                os.set_blocking(ear.file.fileno(), False)
                selector.register(ear.file, selectors.EVENT_READ, ear)
            while selector.get_map() and not self._over.is_set():
                for key, _ in selector.select(timeout=HEARD_WITHIN_S / 4):
                    if not _heard(key.data):
                        selector.unregister(key.fileobj)
            for ear in self._ears:
                ear.close()


def _heard(ear: Ear) -> bool:
    chunk = os.read(ear.file.fileno(), CHUNK)
    ear.take(chunk)
    return bool(chunk)


def _hearing(process: subprocess.Popen[bytes], events: int, mailbox: Mailbox) -> list[Ear]:
    def lines_of(stream: Stream) -> Callable[[bytes], None]:
        return lambda line: mailbox.hear_line(stream, line.decode(errors="replace"))

    ears = [Ear(os.fdopen(events, "rb", buffering=0), mailbox.hear_event, MAX_EVENT_BYTES)]
    for file, stream in ((process.stdout, Stream.STDOUT), (process.stderr, Stream.STDERR)):
        if file is not None:
            ears.append(Ear(file, lines_of(stream)))
    return ears


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
