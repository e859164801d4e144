"""Random verbs and random deaths against the real store: the table of moves always holds.

The model here is the table alone. Whatever users, workers and the reconciler do, in whatever
order, every change of state is a row of the table, told by exactly one event in an unbroken log.
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import update

from stillhouse.domain.errors import InvalidTransition, StaleAttempt
from stillhouse.domain.events import EventType, NewEvent
from stillhouse.domain.failure import RETRYABLE, Ending, ExitClass
from stillhouse.domain.job import EVENTS, LEASED, TERMINAL, TRANSITIONS, State
from stillhouse.store import create_engine, session_factory
from stillhouse.store.tables import JobRow
from tests.support.databases import migrated_sqlite
from tests.support.service import SPENT, TENANT, World, checkpoint, failure

MOVES = {event.value: state for state, event in EVENTS.items()}
WORKERS = ("box:1", "box:2", "box:3")


class JobMachine(RuleBasedStateMachine):
    template: Path
    tokens = Bundle("tokens")

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="stillhouse-machine-"))
        shutil.copy(self.template, self.folder / "store.db")
        self.engine = create_engine(f"sqlite:///{self.folder}/store.db")
        self.world = World(session_factory(self.engine))
        self.workers = {name: self.world.worker(name).id for name in WORKERS}
        self.jobs = [self.world.submit().id]
        self.ended = {}

    def teardown(self):
        self.engine.dispose()
        shutil.rmtree(self.folder)

    @rule(priority=st.sampled_from(["low", "normal", "high"]))
    def submit(self, priority):
        self.jobs.append(self.world.submit(priority=priority).id)

    @rule(target=tokens, name=st.sampled_from(WORKERS), ttl=st.sampled_from([SPENT, -SPENT * 600]))
    def claim(self, name, ttl):
        queued = [job for job in map(self.world.job, self.jobs) if job.state is State.QUEUED]
        claim = self.world.claim(self.workers[name], ttl)

        assert (claim is not None) == bool(queued)
        if claim is None:
            return None
        assert claim.job.priority_rank == max(job.priority_rank for job in queued)
        return claim.token

    @rule(place=st.integers(0, 9))
    def cancel(self, place):
        job = self.world.job(self.jobs[place % len(self.jobs)])
        try:
            with self.world.work() as uow:
                uow.steering.cancel(TENANT, job.id)
        except InvalidTransition:
            assert job.state in TERMINAL - {State.CANCELLED}

    @rule(place=st.integers(0, 9))
    def pause(self, place):
        job = self.world.job(self.jobs[place % len(self.jobs)])
        try:
            with self.world.work() as uow:
                uow.steering.pause(TENANT, job.id)
        except InvalidTransition:
            assert job.state in TERMINAL | {State.CANCELLING}

    @rule(place=st.integers(0, 9))
    def resume(self, place):
        job = self.world.job(self.jobs[place % len(self.jobs)])
        try:
            with self.world.work() as uow:
                uow.steering.resume(TENANT, job.id)
        except InvalidTransition:
            assert job.state in TERMINAL | {State.CANCELLING, State.PAUSING}

    def under(self, token, verb):
        """A worker's verb: it holds the job and it works, or it does not and nothing changes."""
        if token is None:
            return
        job = self.world.job(token.job_id)
        holds = (job.attempt, job.lease_owner) == (token.attempt, token.worker_id)
        refused = None
        try:
            with self.world.work() as uow:
                verb(uow, token)
        except (StaleAttempt, InvalidTransition) as error:
            refused = error
        if isinstance(refused, InvalidTransition):
            assert (job.state, State(refused.wanted)) not in TRANSITIONS
        if refused is not None:
            assert self.world.job(token.job_id).version == job.version
        assert holds == (not isinstance(refused, StaleAttempt))

    @rule(token=tokens)
    def start(self, token):
        self.under(token, lambda uow, mine: uow.attempts.start(mine))

    @rule(token=tokens, batch=st.integers(1, 3))
    def report(self, token, batch):
        events = [NewEvent(EventType.WARNING, {"n": batch}), NewEvent(EventType.PROGRESS, {})]
        self.under(token, lambda uow, mine: uow.attempts.report(mine, batch, events))

    @rule(token=tokens, step=st.integers(1, 3))
    def save_checkpoint(self, token, step):
        self.under(token, lambda uow, mine: uow.attempts.save_checkpoint(mine, checkpoint(step)))

    @rule(token=tokens)
    def succeed(self, token):
        self.under(token, lambda uow, mine: uow.attempts.succeed(mine, "passed"))

    @rule(token=tokens, kind=st.sampled_from(ExitClass), ending=st.sampled_from(Ending))
    def fail(self, token, kind, ending):
        self.under(token, lambda uow, mine: uow.attempts.fail(mine, failure(kind), ending))

    @rule(token=tokens)
    def stop(self, token):
        self.under(token, lambda uow, mine: uow.attempts.stop(mine))

    @rule(token=tokens, ttl=st.sampled_from([SPENT, timedelta(minutes=10)]))
    def renew(self, token, ttl):
        self.under(token, lambda uow, mine: uow.leases.renew(mine, ttl))

    @rule(name=st.sampled_from(WORKERS))
    def kill_and_restart_a_worker(self, name):
        self.workers[name] = self.world.worker(name).id

    @rule()
    def reconcile(self):
        with self.world.work() as uow:
            expired = uow.leases.expired()
        for token in expired:
            with self.world.work() as uow:
                lost = uow.attempts.lose(token)
            assert lost.state in {State.QUEUED, State.PAUSED, State.CANCELLED}

    @rule(place=st.integers(0, 9))
    def wait_too_long_in_the_queue(self, place):
        job_id = self.jobs[place % len(self.jobs)]
        with self.engine.begin() as connection:
            overdue = update(JobRow).where(JobRow.id == job_id, JobRow.state == State.QUEUED)
            connection.execute(overdue.values(queue_deadline=JobRow.created_at))
        with self.world.work() as uow:
            assert {job.id for job in uow.jobs.expire_overdue()} <= {job_id}

    @invariant()
    def every_log_is_unbroken_and_tells_a_walk_along_the_table(self):
        for job_id in self.jobs:
            log = self.world.event_log(job_id)
            states = [MOVES[kind] for _, kind in log if kind in MOVES]

            assert [seq for seq, _ in log] == list(range(1, len(log) + 1))
            assert all(move in TRANSITIONS for move in zip([None, *states], states, strict=False))
            assert self.world.job(job_id).state is states[-1]

    @invariant()
    def a_job_has_a_lease_exactly_while_somebody_may_work_on_it(self):
        for job in map(self.world.job, self.jobs):
            assert (job.lease_owner is not None) == (job.state in LEASED)
            assert (job.lease_until is not None) == (job.state in LEASED)
            assert (job.finished_at is not None) == (job.state in TERMINAL)
            assert (job.failure is not None) == (job.state is State.FAILED)
            if job.failure is not None and ExitClass(job.failure["class"]) in RETRYABLE:
                assert job.deaths == 3

    @invariant()
    def what_is_over_stays_as_it_is(self):
        for job in map(self.world.job, self.jobs):
            if job.state in TERMINAL:
                assert (job.state, job.version) == self.ended.setdefault(
                    job.id, (job.state, job.version)
                )

    @invariant()
    def there_is_a_bell_for_every_queued_job_and_for_no_other(self):
        with self.world.work() as uow:
            bells = sorted(bell.subject for bell in uow.outbox.due())
        queued = [job.id for job in map(self.world.job, self.jobs) if job.state is State.QUEUED]

        assert bells == sorted(queued)

    @invariant()
    def an_attempt_is_open_exactly_while_its_job_is_held(self):
        for job in map(self.world.job, self.jobs):
            with self.world.work() as uow:
                attempts = uow.jobs.attempts(job)
            still_open = [attempt.number for attempt in attempts if attempt.ended_at is None]

            assert [a.number for a in attempts] == list(range(1, job.attempt + 1))
            assert still_open == ([job.attempt] if job.state in LEASED else [])


@pytest.mark.slow
def test_random_verbs_and_deaths_never_leave_the_table(tmp_path):
    JobMachine.template = migrated_sqlite(tmp_path / "template.db")

    run_state_machine_as_test(
        JobMachine,
        settings=settings(
            max_examples=30,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
