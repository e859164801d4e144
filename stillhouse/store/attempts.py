"""Attempts: report under a token, save what was made, and bring the job to an end.

The token is the attempt's number together with the worker that holds it. Whoever writes under a
token that is no longer the row's gets `StaleAttempt`, has written nothing, and must stop at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import update

from stillhouse.domain.events import REPORTED, EventType, LogLine, MetricPoint, NewEvent
from stillhouse.domain.failure import Decision, Ending, ExitClass, Failure, after_attempt
from stillhouse.domain.ids import Prefix
from stillhouse.domain.job import Actor, State
from stillhouse.domain.phases import Checkpoint
from stillhouse.domain.text import storable
from stillhouse.store import reports, transitions
from stillhouse.store.clock import now
from stillhouse.store.leases import Orders, Token, abandoned, held, orders_of, stale
from stillhouse.store.repository import Repository
from stillhouse.store.tables import ArtifactRow, AttemptRow, JobRow


class Attempts(Repository):
    def start(
        self,
        token: Token,
        data: Mapping[str, Any] | None = None,
        resolved: Mapping[str, Any] | None = None,
    ) -> Orders:
        """The trainer runs. Nothing moves when the user was faster: the orders say so."""
        job = self._mine(token)
        if job.state is State.STARTING:
            job = transitions.apply(
                self._session,
                job,
                State.RUNNING,
                Actor.SUPERVISOR,
                data,
                started_at=job.started_at or now(),
                resolved=dict(resolved) if resolved is not None else job.resolved,
            )
        return orders_of(self._session, token, job)

    def report(
        self,
        token: Token,
        batch: int,
        events: Iterable[NewEvent] = (),
        points: Iterable[MetricPoint] = (),
        lines: Iterable[LogLine] = (),
    ) -> bool:
        """Append what the trainer said. False when this batch is already in the books.

        Batches count from 1 in each attempt; one that may or may not have arrived is sent again.
        """
        job = self._mine(token)
        if batch <= job.last_batch:
            return False
        events, points, lines = list(events), list(points), list(lines)
        for event in events:
            if event.type not in REPORTED:
                raise ValueError(f"{event.type} is written by the method that it tells of")
        transitions.log(self._session, job, events, attempt=token.attempt)
        self._add(*reports.metric_rows(job, points))
        self._add(*reports.log_rows(job, lines, self._now()))
        transitions.write(
            self._session,
            job,
            events=len(events),
            logs=len(lines),
            last_batch=batch,
            **reports.columns(job, events, points),
        )
        return True

    def save_checkpoint(
        self, token: Token, checkpoint: Checkpoint, blob_sha256: str | None = None
    ) -> JobRow:
        """Where the next attempt goes on from. One that is further along ends the count of deaths.

        `blob_sha256` names a copy of it in the blob store, where there is one.
        """
        job = self._mine(token)
        known = Checkpoint.from_json(job.checkpoint) if job.checkpoint else None
        newer = checkpoint.is_newer_than(known)
        self._count(
            update(AttemptRow)
            .where(AttemptRow.job_id == job.id, AttemptRow.number == token.attempt)
            .values(checkpoints=AttemptRow.checkpoints + int(newer))
        )
        data = checkpoint.as_json()
        event = NewEvent(EventType.CHECKPOINT_SAVED, data)
        transitions.log(self._session, job, [event], attempt=token.attempt)
        return transitions.write(
            self._session,
            job,
            events=1,
            deaths=0 if newer else job.deaths,
            checkpoint=data,
            checkpoint_blob=blob_sha256,
        )

    def add_artifact(
        self,
        token: Token,
        *,
        name: str,
        format: str,  # noqa: A002 - the word that everybody uses for it
        blob_sha256: str,
        size_bytes: int,
        media_type: str = "application/octet-stream",
        facts: Mapping[str, Any] | None = None,
    ) -> ArtifactRow:
        """Promote a file of this attempt; one of the same name from an earlier attempt yields."""
        job = self._mine(token)
        values = {
            "attempt": token.attempt,
            "format": format,
            "media_type": media_type,
            "blob_sha256": blob_sha256,
            "size_bytes": size_bytes,
            "facts": storable(facts or {}),
        }
        identity = {"id": self._mint(Prefix.ARTIFACT), "job_id": job.id, "name": name}
        insert = self._insert(ArtifactRow).values(
            **identity, **values, tenant_id=job.tenant_id, created_at=now()
        )
        artifact: ArtifactRow = self._one(
            insert.on_conflict_do_update(index_elements=["job_id", "name"], set_=values).returning(
                ArtifactRow
            )
        )
        data = {"id": artifact.id, "name": name, "format": format, "bytes": size_bytes}
        event = NewEvent(EventType.ARTIFACT_READY, {**data, "sha256": blob_sha256})
        transitions.log(self._session, job, [event], attempt=token.attempt)
        transitions.write(self._session, job, events=1)
        return artifact

    def succeed(
        self, token: Token, verdict: str, gates: Sequence[Mapping[str, Any]] = ()
    ) -> JobRow:
        """Finished; also when a cancellation was on its way: `desired_state` still tells of it.

        Nobody goes on from its checkpoint any more, so the blob of it is let go.
        """
        job, told = self._mine(token), [dict(gate) for gate in gates]
        return transitions.apply(
            self._session,
            job,
            State.SUCCEEDED,
            Actor.SUPERVISOR,
            {"verdict": verdict, "gates": told},
            verdict=verdict,
            gates=told,
            failure=None,
            checkpoint_blob=None,
        )

    def fail(self, token: Token, failure: Failure, ending: Ending = Ending.DIED) -> JobRow:
        """The process is gone without a result: queued again, failed, or what its user wants."""
        return self._lost(self._mine(token), failure, ending, Actor.SUPERVISOR)

    def stop(self, token: Token) -> JobRow:
        """The process that was told to stop is confirmed gone."""
        job = self._mine(token)
        target = State.PAUSED if job.state is State.PAUSING else State.CANCELLED
        return transitions.apply(self._session, job, target, Actor.SUPERVISOR)

    def lose(self, token: Token) -> JobRow | None:
        """End an expired attempt for its worker; nothing when somebody was faster."""
        job = transitions.locked(self._session, *held(token), *abandoned())
        if job is None:
            return None
        failure = Failure(
            ExitClass.INFRA_LOST,
            "worker_lost",
            "the worker that held this job is gone, or did not renew its lease",
            hint="nothing to do: the job goes on from its last checkpoint",
        )
        return self._lost(job, failure, Ending.LEASE_LOST, Actor.RECONCILER)

    def _lost(self, job: JobRow, failure: Failure, ending: Ending, by: Actor) -> JobRow:
        failure = replace(failure, attempt=job.attempt, phase=failure.phase or job.phase)
        decision = self._decision(job, failure, ending)
        lost = {**failure.as_json(), "ending": ending.value}
        if job.state is State.CANCELLING:
            return transitions.apply(self._session, job, State.CANCELLED, by, {"lost": lost})
        if not decision.requeue:
            told = failure.as_json()
            return transitions.apply(
                self._session, job, State.FAILED, by, told, failure=told, deaths=decision.deaths
            )
        return transitions.apply(
            self._session,
            job,
            # Who is not to go on does not queue: nobody would claim it.
            State.PAUSED if job.state is State.PAUSING else State.QUEUED,
            by,
            {"after": ending.value},
            before=[NewEvent(EventType.ATTEMPT_LOST, {**lost, "deaths": decision.deaths})],
            ending=ending.value,
            deaths=decision.deaths,
        )

    def _decision(self, job: JobRow, failure: Failure, ending: Ending) -> Decision:
        attempt = self._session.get_one(AttemptRow, (job.id, job.attempt), populate_existing=True)
        return after_attempt(
            failure.exit_class,
            ending,
            deaths=job.deaths,
            new_checkpoint=attempt.checkpoints > 0,
        )

    def _mine(self, token: Token) -> JobRow:
        job = transitions.locked(self._session, *held(token))
        if job is None:
            raise stale(token)
        return job
