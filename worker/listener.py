"""What a trainer says: three pipes, cut into lines as they come, by a thread that only listens."""

from __future__ import annotations

import os
import selectors
import threading
from collections.abc import Callable, Sequence
from typing import IO, NamedTuple

from stillhouse.domain.events import Stream
from worker.mailbox import Mailbox

CHUNK = 1 << 16
MAX_EVENT_BYTES = 1 << 20
MAX_LINE_BYTES = 1 << 14
HEARD_WITHIN_S = 2.0


class Streams(NamedTuple):
    """Descriptors of one end of the three pipes."""

    events: int
    stdout: int
    stderr: int

    def close(self) -> None:
        for descriptor in self:
            os.close(descriptor)


def pipes() -> tuple[Streams, Streams]:
    """Where we listen, and where the trainer speaks."""
    ears, mouths = zip(*(os.pipe() for _ in Streams._fields), strict=True)
    return Streams(*ears), Streams(*mouths)


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


def hearing(ears: Streams, mailbox: Mailbox) -> Listener:
    """Begin to listen; what is heard goes to the mailbox."""

    def lines_of(stream: Stream) -> Callable[[bytes], None]:
        return lambda line: mailbox.hear_line(stream, line.decode(errors="replace"))

    events, stdout, stderr = (os.fdopen(ear, "rb", buffering=0) for ear in ears)
    return Listener(
        [
            Ear(events, mailbox.hear_event, MAX_EVENT_BYTES),
            Ear(stdout, lines_of(Stream.STDOUT)),
            Ear(stderr, lines_of(Stream.STDERR)),
        ]
    )
