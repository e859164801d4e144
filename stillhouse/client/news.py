"""The events of a job as they come: by a stream while it holds, else by long polls.

Both are views of one log, so that changing over loses nothing and tells nothing twice.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import httpx2

from stillhouse.client.answers import JobEvent, Tail
from stillhouse.client.errors import WaitTimedOut
from stillhouse.client.event_stream import Message, messages
from stillhouse.client.retry import RETRIED, Pace, delay_s
from stillhouse.client.wire import Wire, place
from stillhouse.domain.job import EVENTS, TERMINAL

MEDIA_TYPE = "text/event-stream"
QUIET_S = 45.0
"""Three comments of the service missing: something between holds the stream back."""
BREAKS = 2
"""Of streams, with nothing heard between them; after these it is done without."""
TRIES_WHILE_AWAY = 16
"""To connect to a service that was there before, and is perhaps only being restarted: a minute."""
WAIT_S = 30
"""Of a long poll. Many proxies end a request after a minute."""
POLL_S = 3.0
"""Between polls that bring something, or that the service does not wait with."""
ROWS = 200
ENDINGS = frozenset(EVENTS[state] for state in TERMINAL)


@dataclass(frozen=True)
class Deadline:
    """Until when somebody is ready to wait for a job."""

    pace: Pace
    job_id: str
    timeout_s: float | None
    began: float

    @classmethod
    def of(cls, pace: Pace, job_id: str, timeout_s: float | None) -> Deadline:
        return cls(pace, job_id, timeout_s, pace.monotonic())

    @property
    def left_s(self) -> float:
        if self.timeout_s is None:
            return math.inf
        return max(0.0, self.began + self.timeout_s - self.pace.monotonic())

    def check(self) -> None:
        if self.left_s <= 0:
            message = f"the job {self.job_id} was not over after {self.timeout_s:g} s"
            hint = f"it goes on; `still watch {self.job_id}` looks again"
            raise WaitTimedOut(message, hint=hint)

    def pause(self, seconds: float) -> None:
        self.pace.sleep(min(seconds, self.left_s))

    def patience_s(self) -> int:
        """Of the next long poll, which waits for whole seconds: what is left below one passes
        before it.
        """
        if self.left_s < 1:
            self.pause(1)
        return min(WAIT_S, int(min(self.left_s, WAIT_S)))


class News:
    """What has happened to a job, in order and each once, until it is over."""

    def __init__(self, wire: Wire, job_id: str, deadline: Deadline) -> None:
        self._wire = wire
        self._path = place("jobs", job_id, "events")
        self._deadline = deadline
        self._seq = 0
        self._has_ended = False
        self._over = False
        """It has ended, and there is nothing more to tell."""
        self._broken = 0
        self._away = 0

    def __iter__(self) -> Iterator[Sequence[JobEvent]]:
        yield from self._by_streams()
        yield from self._by_polls()

    def _by_streams(self) -> Iterator[Sequence[JobEvent]]:
        pace = self._wire.pace
        while self._worth_a_stream():
            try:
                with closing(self._stream()) as stream:
                    yield from self._heard(stream)
                self._broken += 1
            except httpx2.ConnectError:
                self._away += 1
            except (httpx2.TransportError, ValueError):
                # What cannot be read is left to the polls, which say so.
                self._broken += 1
            if not self._over:
                self._deadline.pause(delay_s(self._away + self._broken, pace.chance()))

    def _worth_a_stream(self) -> bool:
        """A stream says nothing for a while at times: a time that ends sooner is for polls."""
        holds = self._broken < BREAKS and self._away < TRIES_WHILE_AWAY
        return holds and not self._over and self._deadline.left_s > QUIET_S

    def _heard(self, stream: Iterator[Message | None]) -> Iterator[Sequence[JobEvent]]:
        for message in stream:
            yield from self._told(message)
            self._broken = self._away = 0
            if self._over or self._deadline.left_s <= QUIET_S:
                return

    def _stream(self) -> Generator[Message | None]:
        headers = {"Accept": MEDIA_TYPE, "Last-Event-ID": str(self._seq)}
        timeout = httpx2.Timeout(QUIET_S, connect=10)
        with self._wire.stream(self._path, headers, RETRIED, timeout) as answer:
            if answer.headers.get("content-type", "").startswith(MEDIA_TYPE):
                yield from messages(answer.iter_lines())

    def _told(self, message: Message | None) -> Iterator[Sequence[JobEvent]]:
        if message is None:
            return
        if message.event == "end":
            self._over = True
        elif message.event == "gap":
            self._seq = int(message.identity)
        else:
            event = JobEvent.model_validate_json(message.data)
            self._seq = event.seq
            self._has_ended |= event.type in ENDINGS
            yield [event]

    def _by_polls(self) -> Iterator[Sequence[JobEvent]]:
        while not self._over:
            # What is done to a job after its end is told as well, and not waited for.
            patience_s = 0 if self._has_ended else self._deadline.patience_s()
            query = {"after_seq": self._seq, "limit": ROWS}
            found, waited = self._wire.read_patiently(
                Tail[JobEvent], self._path, patience_s, query=query
            )
            if found.data:
                self._seq = found.data[-1].seq
                yield found.data
            if found.has_more:
                continue
            self._has_ended |= any(event.type in ENDINGS for event in found.data)
            self._over = self._has_ended
            if not self._over:
                self._deadline.check()
                if found.data or not waited:
                    self._deadline.pause(POLL_S)
