"""Jobs: submitted, looked at, followed, and what is done to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
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
from stillhouse.client.looking import looks
from stillhouse.client.news import Deadline, News
from stillhouse.client.retry import polls_s
from stillhouse.client.wire import Query, Wire, place
from stillhouse.domain.job import State
from stillhouse.domain.tags import tag

ROWS = 200


class _Curves(Answer):
    series: tuple[Series, ...]


class Jobs:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def create(self, spec: Mapping[str, Any]) -> Job:
        return self._wire.act(Job, "/v1/jobs", spec)

    def validate(self, spec: Mapping[str, Any]) -> Validation:
        path = "/v1/jobs/validate"
        return self._wire.read(Validation, "POST", path, body=spec, idempotent=True)

    def list(  # noqa: PLR0913 - one for each filter
        self,
        *states: str,
        project: str | None = None,
        labels: Sequence[str] = (),
        name: str | None = None,
        parent: str | None = None,
        teacher: str | None = None,
        student: str | None = None,
        verdict: str | None = None,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        sort: str | None = None,
        trash: bool = False,
    ) -> Iterator[Job]:
        """The newest first, unless `sort` says otherwise; every filter that is given holds."""
        asked: Query = {
            "state": states,
            "project": project,
            "label": labels,
            "name": name,
            "parent": parent,
            "teacher": teacher,
            "student": student,
            "verdict": verdict,
            "created_after": created_after.isoformat() if created_after else None,
            "created_before": created_before.isoformat() if created_before else None,
            "sort": sort,
            "trash": "true" if trash else None,
        }
        return every(self._wire, Page[Job], "/v1/jobs", asked)

    def get(self, job_id: str) -> Job:
        return self._wire.read(Job, "GET", place("jobs", job_id))

    def cancel(self, job_id: str) -> Job:
        """Asked for, not done: the job is cancelled once its process is gone."""
        return self._verb(job_id, "cancel")

    def pause(self, job_id: str) -> Job:
        """Asked for, not done: the job is paused once it has saved where it is."""
        return self._verb(job_id, "pause")

    def resume(self, job_id: str, *, extra_epochs: int | None = None) -> Job:
        """Queued again, to go on from where it was paused, and for so many epochs more."""
        if extra_epochs is None:
            return self._verb(job_id, "resume")
        path, body = place("jobs", job_id, "resume"), {"extra_epochs": extra_epochs}
        return self._wire.act(Job, path, body)

    def update(
        self,
        job_id: str,
        *,
        name: str | None = None,
        labels: Mapping[str, str | None] | None = None,
        priority: str | None = None,
        if_version: int | None = None,
    ) -> Job:
        """Change what is given. With `if_version`, only the job as it was read is changed."""
        asked = {"name": name, "labels": labels, "priority": priority}
        body = {key: value for key, value in asked.items() if value is not None}
        headers = {"If-Match": tag(if_version)} if if_version is not None else None
        return self._wire.read(Job, "PATCH", place("jobs", job_id), body=body, headers=headers)

    def delete(self, job_id: str) -> None:
        """Into the trash, from where it can be restored for some days."""
        self._wire.ask("DELETE", place("jobs", job_id))

    def restore(self, job_id: str) -> Job:
        return self._verb(job_id, "restore")

    def retry(self, job_id: str, *, from_start: bool = False) -> Job:
        """A new job that goes on where this one ended without a result."""
        path, body = place("jobs", job_id, "retry"), {"from_start": from_start}
        return self._wire.act(Job, path, body)

    def clone(self, job_id: str, patch: Mapping[str, Any] | None = None) -> Job:
        """A new job of the same specification, with a JSON merge patch over it."""
        path, body = place("jobs", job_id, "clone"), {"patch": dict(patch or {})}
        return self._wire.act(Job, path, body)

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
        self,
        job_id: str,
        names: Sequence[str] = (),
        since_step: int | None = None,
        until_step: int | None = None,
    ) -> Sequence[Series]:
        """Long curves are sampled: a stretch by itself comes in more of its points."""
        query = {
            "names": ",".join(names) or None,
            "since_step": since_step,
            "until_step": until_step,
        }
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

    def settled(self, job_id: str, timeout_s: float | None = None) -> Job:
        """The job once it is paused, or over."""
        for _ in looks(self._wire.pace, f"the job {job_id}", timeout_s):
            job = self.get(job_id)
            if job.is_over or job.state == State.PAUSED:
                break
        return job

    def _verb(self, job_id: str, verb: str) -> Job:
        """Said twice it is said once, so a lost answer may be asked for again."""
        return self._wire.read(Job, "POST", place("jobs", job_id, verb), idempotent=True)

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
