"""What a trainer says, kept until it is in the books: filled by one thread, emptied by another.

There is an end to what is kept. Log lines go first, then points of curves; what happened stays.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import ValidationError

from kd_core import events as said
from stillhouse.domain.events import (
    TEACHER_TOP1,
    EventType,
    Level,
    LogLine,
    MetricPoint,
    NewEvent,
    Stream,
)
from stillhouse.domain.phases import Checkpoint, Phase

CAPACITY = 20_000
MAX_LINES = 10_000
TAIL_LINES = 200
LINE_CHARACTERS = 4_000


@dataclass
class Batch:
    events: list[NewEvent] = field(default_factory=list)
    points: list[MetricPoint] = field(default_factory=list)
    lines: list[LogLine] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.events or self.points or self.lines)


class Mailbox:
    def __init__(self, capacity: int = CAPACITY, max_lines: int = MAX_LINES) -> None:
        self._lock = threading.Lock()
        self._capacity = capacity
        self._lines_left = max_lines
        self._max_lines = max_lines
        self._events: list[NewEvent] = []
        self._points: deque[MetricPoint] = deque()
        self._lines: deque[LogLine] = deque()
        self._tail: deque[LogLine] = deque(maxlen=TAIL_LINES)
        self._omitted = 0
        self._checkpoint: Checkpoint | None = None
        self.started: said.RunStarted | None = None
        self.failed: said.RunFailed | None = None
        self.phase: str | None = None
        self.step = 0
        self.events_heard = 0
        self.last_words: dict[Stream, str] = {}
        """The last line of each stream that was not empty."""

    def hear_event(self, line: bytes) -> None:
        try:
            event = said.Event.parse(line)
        except (ValidationError, KeyError):
            text = line.decode(errors="replace")
            self.hear_line(Stream.SUPERVISOR, f"not an event: {text}", Level.WARNING)
            return
        with self._lock:
            self._sort(event)
            self._make_room()

    def hear_line(self, stream: Stream, text: str, level: Level = Level.INFO) -> None:
        line = LogLine(_shortened(text), stream, level, datetime.now(UTC))
        with self._lock:
            if line.text.strip():
                self.last_words[stream] = line.text
            if self._lines_left > 0:
                self._lines_left -= 1
                self._lines.append(line)
                if self._lines_left == 0:
                    self._events.append(_log_is_full(self._max_lines))
            else:
                self._omitted += len(self._tail) == TAIL_LINES
                self._tail.append(line)
            self._make_room()

    def tell(self, event: NewEvent) -> None:
        """Something that the supervisor has to say itself."""
        with self._lock:
            self._events.append(event)

    def take(self) -> Batch:
        """Everything since the last time, of progress only the newest."""
        with self._lock:
            batch = Batch(self._events, list(self._points), list(self._lines))
            self._events = []
            self._points.clear()
            self._lines.clear()
            return batch

    def take_tail(self) -> Batch:
        """The last lines of a log that had become too long, for the end of the attempt."""
        with self._lock:
            lines = list(self._tail)
            self._tail.clear()
            if self._omitted:
                note = f"... {self._omitted} lines are left out here"
                lines = [LogLine(note, Stream.SUPERVISOR, Level.WARNING), *lines]
            return Batch(lines=lines)

    def take_checkpoint(self) -> Checkpoint | None:
        """The newest one, if it is not saved yet; those between were superseded on disk too."""
        with self._lock:
            checkpoint, self._checkpoint = self._checkpoint, None
            return checkpoint

    def _sort(self, event: said.Event) -> None:
        data = event.data
        self.events_heard += 1
        self.phase = getattr(data, "phase", self.phase)
        match data:
            case said.RunStarted():
                self.started = data
            case said.RunFailed():
                self.failed = data
            case said.Metrics():
                self._points.extend(_point(point, data.phase) for point in data.points)
                self.step = max(self.step, *(point.step for point in data.points), 0)
            case said.CheckpointSaved():
                self._checkpoint = _checkpoint(data)
            case said.Progress():
                progress = {**data.model_dump(mode="json"), "fraction": data.fraction}
                newest = NewEvent(EventType.PROGRESS, progress, event.at)
                older = (known for known in self._events if known.type is not newest.type)
                self._events = [*older, newest]
            case (
                said.RunResumed()
                | said.PhaseChanged()
                | said.TeacherMeasured()
                | said.Warned()
                | said.Chosen()
                | said.ArtifactFailed()
            ):
                told = data.model_dump(mode="json")
                self._events.append(NewEvent(EventType(event.type), told, event.at))
                self._points.extend(_points_of(data, self.step))
            case _:
                # Success, stopping and finished files are written when the supervisor acts on them.
                pass

    def _make_room(self) -> None:
        while len(self._lines) + len(self._points) > self._capacity:
            (self._lines or self._points).popleft()


def _point(point: said.MetricPoint, phase: str) -> MetricPoint:
    return MetricPoint(
        name=point.name,
        step=point.step,
        value=point.value,
        epoch=point.epoch,
        nonfinite=point.nonfinite,
        phase=phase,
    )


def _points_of(data: said.Payload, step: int) -> Iterator[MetricPoint]:
    """What an event tells that whoever looks at many jobs wants to see beside each."""
    if isinstance(data, said.TeacherMeasured) and data.is_whole and data.top1 is not None:
        yield MetricPoint(TEACHER_TOP1, step, data.top1)


def _checkpoint(saved: said.CheckpointSaved) -> Checkpoint:
    return Checkpoint(Phase(saved.phase), saved.step, saved.path, saved.sha256, saved.bytes)


def _log_is_full(lines: int) -> NewEvent:
    data = {
        "code": "log_too_long",
        "message": f"the log of this attempt has {lines} lines and is cut here",
        "hint": f"its last {TAIL_LINES} lines follow when the attempt ends",
    }
    return NewEvent(EventType.WARNING, data)


def _shortened(text: str) -> str:
    # A progress bar writes over itself: what counts is what it looked like in the end.
    shown = text.rstrip("\r\n").rsplit("\r", maxsplit=1)[-1]
    if len(shown) <= LINE_CHARACTERS:
        return shown
    return f"{shown[:LINE_CHARACTERS]}... ({len(shown)} characters)"
