"""Jobs: submitted, looked at, followed, cancelled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from stillhouse.client.answers import (
    Answer,
    Artifact,
    Job,
    JobEvent,
    LogLine,
    Page,
    Series,
    Tail,
    Validation,
    Verdict,
)
from stillhouse.client.library import every
from stillhouse.client.news import Deadline, News
from stillhouse.client.retry import polls_s
from stillhouse.client.wire import Wire, place

ROWS = 200


class _Curves(Answer):
    series: tuple[Series, ...]


class Jobs:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def create(self, spec: Mapping[str, Any]) -> Job:
        return self._wire.read(Job, "POST", "/v1/jobs", body=spec)

    def validate(self, spec: Mapping[str, Any]) -> Validation:
        path = "/v1/jobs/validate"
        return self._wire.read(Validation, "POST", path, body=spec, idempotent=True)

    def list(self, state: str | None = None) -> Iterator[Job]:
        """The newest first."""
        return every(self._wire, Page[Job], "/v1/jobs", state=state)

    def get(self, job_id: str) -> Job:
        return self._wire.read(Job, "GET", place("jobs", job_id))

    def cancel(self, job_id: str) -> Job:
        """Asked for, not done: the job is cancelled once its process is gone."""
        return self._wire.read(Job, "POST", place("jobs", job_id, "cancel"), idempotent=True)

    def events(self, job_id: str, after_seq: int = 0) -> Iterator[JobEvent]:
        """Everything that has happened since, in order."""
        return self._tail(Tail[JobEvent], place("jobs", job_id, "events"), after_seq)

    def logs(
        self,
        job_id: str,
        after_seq: int = 0,
        *,
        stream: str | None = None,
        level: str | None = None,
        contains: str | None = None,
    ) -> Iterator[LogLine]:
        """Of one stream, from a level on, with these letters in them; else all of them."""
        asked = {"stream": stream, "level": level, "contains": contains}
        return self._tail(Tail[LogLine], place("jobs", job_id, "logs"), after_seq, **asked)

    def metrics(
        self, job_id: str, names: Sequence[str] = (), since_step: int | None = None
    ) -> Sequence[Series]:
        query = {"names": ",".join(names) or None, "since_step": since_step}
        path = place("jobs", job_id, "metrics")
        return self._wire.read(_Curves, "GET", path, query=query).series

    def verdict(self, job_id: str) -> Verdict:
        return self._wire.read(Verdict, "GET", place("jobs", job_id, "verdict"))

    def artifacts(self, job_id: str) -> Sequence[Artifact]:
        return self._wire.read(Page[Artifact], "GET", place("jobs", job_id, "artifacts")).data

    def news(self, job_id: str, deadline: Deadline) -> Iterable[Sequence[JobEvent]]:
        """Events as they happen, until the job is over."""
        return News(self._wire, job_id, deadline)

    def wait(self, job_id: str, timeout_s: float | None = None) -> Job:
        """The job once it is over, however it ended: its verdict is waited for, which says
        nothing before.
        """
        deadline, pauses = Deadline.of(self._wire.pace, job_id, timeout_s), polls_s()
        while True:
            path, patience_s = place("jobs", job_id, "verdict"), deadline.patience_s()
            verdict, waited = self._wire.read_patiently(Verdict, path, patience_s)
            if not verdict.is_pending:
                return self.get(job_id)
            deadline.check()
            if not waited:
                deadline.pause(next(pauses))

    def _tail(
        self, tail: type[Tail[Any]], path: str, after_seq: int, **query: str | None
    ) -> Iterator[Any]:
        while True:
            asked = {**query, "after_seq": after_seq, "limit": ROWS}
            found = self._wire.read(tail, "GET", path, query=asked)
            yield from found.data
            if not found.has_more or not found.data:
                return
            after_seq = found.data[-1].seq
