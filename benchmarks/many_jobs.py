"""Books with so many jobs: rows as the service writes them, put there at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Engine, insert, text

from stillhouse.domain import ids
from stillhouse.domain.ids import Prefix
from stillhouse.domain.job import Desired, Priority, State
from stillhouse.store.tables import AttemptRow, EventRow, JobLabelRow, JobRow, Row
from tests.support.service import TENANT, document, job_spec

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
EVERY = timedelta(minutes=3)
BATCH = 2000
# Of a service that has been at work for long: what is not over is as little as its workers take.
OVER = (State.SUCCEEDED,) * 7 + (State.FAILED, State.FAILED, State.CANCELLED)
QUEUED = RUNNING = RARE = 50
"""The newest; those before them; and jobs that have a label, a parent, or are in the trash."""
PRIORITIES = tuple(Priority)
TEAMS = ("vision", "edge", "search", "maps")


class Shelf(NamedTuple):
    over: str
    queued: str
    parent: str
    middle: datetime
    """When the one that is over, in the middle of all, was submitted."""


def fill(engine: Engine, count: int) -> Shelf:
    names = [ids.mint(Prefix.JOB, BEGAN + EVERY * n, _noise(n)) for n in range(count)]
    with engine.begin() as connection:
        for start in range(0, count, BATCH):
            rows = list(_rows(names, range(start, min(start + BATCH, count))))
            for table in (JobRow, JobLabelRow, AttemptRow, EventRow):
                of_table = [values for kind, values in rows if kind is table]
                connection.execute(insert(table), of_table)
    if engine.dialect.name == "postgresql":  # as its autovacuum does, some time later
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text("VACUUM ANALYZE"))
    return Shelf(
        over=names[count // 2 + 1],
        queued=names[-QUEUED // 2],
        parent=names[0],
        middle=BEGAN + EVERY * (count // 2 + 1),
    )


def _noise(number: int) -> Any:
    return lambda size: (number * 2654435761 % 2**64).to_bytes(8, "big").ljust(size, b"\0")[:size]


def _rows(names: Sequence[str], numbers: range) -> Iterator[tuple[type[Row], dict[str, Any]]]:
    resolved, fingerprint = job_spec().resolved(), job_spec().fingerprint
    for number in numbers:
        job_id = names[number]
        job = _job(number, len(names), job_id, names[0])
        job |= {"resolved": {**resolved, "name": job["name"]}, "fingerprint": fingerprint}
        whose = {"job_id": job_id, "tenant_id": TENANT}
        yield JobRow, job
        for key, value in job["labels"].items():
            at = job["created_at"]
            yield JobLabelRow, {**whose, "key": key, "value": value, "created_at": at}
        for seq, kind in enumerate(("job.created", "job.queued"), start=1):
            told = {"seq": seq, "type": kind, "at": job["created_at"], "attempt": 0, "data": {}}
            yield EventRow, {**whose, **told}
        if job["attempt"]:
            yield AttemptRow, _attempt(whose, job)


def _job(number: int, count: int, job_id: str, parent: str) -> dict[str, Any]:
    state = _state(number, count)
    rare = number % (count // RARE) == 1
    labels = {"team": TEAMS[number % len(TEAMS)], "ci": str(number)}
    at = BEGAN + EVERY * number
    waits = state is State.QUEUED
    return {
        "id": job_id,
        "tenant_id": TENANT,
        "project": f"project-{number % 10}",
        "name": f"student {number * 7919 % count:06d}",
        "labels": labels | ({"pinned": "yes"} if rare else {}),
        "parent_id": parent if rare else None,
        "spec": document(),
        "state": state,
        "desired_state": Desired.CANCELLED if state is State.CANCELLED else Desired.RUNNING,
        "phase": None if state is not State.RUNNING else "training",
        "progress": None,
        "version": 17,
        "priority_rank": int(PRIORITIES[number % 3]),
        "queue": "any",
        "queue_ttl_s": 86_400,
        "queue_deadline": BEGAN.replace(year=2100) if waits else None,
        "attempt": 0 if waits else 1,
        "lease_owner": None,
        "lease_until": BEGAN.replace(year=2100) if state is State.RUNNING else None,
        "deaths": 0,
        "checkpoint": None,
        "checkpoint_blob": None,
        "next_event_seq": 3,
        "next_log_seq": 1,
        "last_batch": 0,
        "best": {"val/top1": {"value": 0.9, "step": 100}},
        "last": {"val/top1": {"value": 0.9, "step": 100}},
        "verdict": "passed" if state is State.SUCCEEDED else None,
        "gates": None,
        "failure": None,
        "created_at": at,
        "started_at": None if waits else at,
        "finished_at": at + EVERY if state in OVER else None,
        "deleted_at": at if number % (count // RARE) == 3 and state in OVER else None,
    }


def _state(number: int, count: int) -> State:
    if number >= count - QUEUED:
        return State.QUEUED
    if number >= count - QUEUED - RUNNING:
        return State.RUNNING
    return OVER[number % len(OVER)]


def _attempt(whose: dict[str, Any], job: dict[str, Any]) -> dict[str, Any]:
    over = job["finished_at"] is not None
    return {
        **whose,
        "number": 1,
        "worker_id": "wrk_bench",
        "resumed_from": None,
        "checkpoints": 3,
        "ending": job["state"].value if over else None,
        "failure": None,
        "started_at": job["created_at"],
        "ended_at": job["finished_at"],
    }
