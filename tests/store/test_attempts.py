"""Attempts: one holder at a time, every write under its token, and an end for each of them."""

from datetime import timedelta

import pytest

from stillhouse.domain.errors import InvalidTransition, NotFound, StaleAttempt
from stillhouse.domain.events import EventType, Level, LogLine, MetricPoint, NewEvent, Stream
from stillhouse.domain.failure import Ending, ExitClass
from stillhouse.domain.job import State
from stillhouse.domain.phases import Phase
from tests.support.service import SPENT, TENANT, checkpoint, failure


def lost(world, token):
    with world.work() as uow:
        return uow.attempts.lose(token)


def test_a_claim_takes_the_job_with_the_next_token_and_takes_its_bell_down(world):
    job = world.submit()
    worker = world.worker()
    claim = world.claim(worker.id)
    with world.work() as uow:
        attempts = uow.jobs.attempts(claim.job)
        bells = uow.outbox.due()

    assert (claim.token.job_id, claim.token.attempt) == (job.id, 1)
    assert (claim.job.state, claim.job.lease_owner) == (State.STARTING, worker.id)
    assert [(a.number, a.worker_id, a.ending) for a in attempts] == [(1, worker.id, None)]
    assert bells == []
    assert world.claim(worker.id) is None


def test_the_most_urgent_job_goes_first_and_then_the_oldest(world):
    low, old, young = world.submit(priority="low"), world.submit(), world.submit()
    high = world.submit(priority="high")
    worker = world.worker()
    order = [world.claim(worker.id).job.id for _ in range(4)]

    assert [high.id, old.id, young.id, low.id] == order


def test_a_worker_claims_only_what_fits_it(world):
    gpu = world.submit(resources={"device": "cuda"})
    world.submit(resources={"device": "cpu"})
    auto = world.submit()
    worker = world.worker()
    order = [world.claim(worker.id, queue="gpu").job.id for _ in range(2)]

    assert [gpu.id, auto.id] == order
    assert world.claim(worker.id, queue="gpu") is None


def test_a_draining_worker_claims_nothing_and_is_told_with_its_orders(world):
    token = world.running()
    world.submit()
    with world.work() as uow:
        uow.workers.drain(token.worker_id)
    with world.work() as uow:
        orders = uow.leases.renew(token)

    assert orders.draining
    assert world.claim(token.worker_id) is None


def test_a_worker_that_never_registered_claims_nothing(world):
    with pytest.raises(NotFound):
        world.claim("wrk_0")


def test_a_renewal_moves_the_end_of_the_lease_and_nothing_that_a_reader_sees(world):
    token = world.running()
    before = world.job(token.job_id)
    with world.work() as uow:
        uow.leases.renew(token, timedelta(hours=1))
    after = world.job(token.job_id)

    assert after.lease_until - before.lease_until > timedelta(minutes=50)
    assert after.version == before.version


WRITES = {
    "renew": lambda uow, token: uow.leases.renew(token),
    "orders": lambda uow, token: uow.leases.orders(token),
    "start": lambda uow, token: uow.attempts.start(token),
    "report": lambda uow, token: uow.attempts.report(token, 99, lines=[LogLine("late")]),
    "checkpoint": lambda uow, token: uow.attempts.save_checkpoint(token, checkpoint(9)),
    "artifact": lambda uow, token: uow.attempts.add_artifact(
        token, name="a", format="f", blob_sha256="0" * 64, size_bytes=1
    ),
    "succeed": lambda uow, token: uow.attempts.succeed(token, "passed"),
    "fail": lambda uow, token: uow.attempts.fail(token, failure()),
    "stop": lambda uow, token: uow.attempts.stop(token),
}


@pytest.mark.parametrize("again", ["same worker", "another"])
@pytest.mark.parametrize("write", WRITES)
def test_a_stale_attempt_writes_nothing_at_all(world, write, again):
    stale = world.running(SPENT)
    lost(world, stale)
    holder = stale.worker_id if again == "same worker" else world.worker("other").id
    claim = world.claim(holder)
    before = (world.job(stale.job_id).version, world.event_log(stale.job_id))

    with pytest.raises(StaleAttempt), world.work() as uow:
        WRITES[write](uow, stale)
    assert claim.token.attempt == 2
    assert before == (world.job(stale.job_id).version, world.event_log(stale.job_id))


def test_a_report_becomes_events_points_lines_and_what_the_job_shows(world):
    token = world.running()
    events = [
        NewEvent(EventType.PHASE_CHANGED, {"phase": "training"}),
        NewEvent(EventType.PROGRESS, {"phase": "training", "step": 5, "total_steps": 10}),
    ]
    points = [
        MetricPoint("val/top1", 5, 0.5, epoch=1, phase="training"),
        MetricPoint("train/loss", 5, None, epoch=1, nonfinite="nan"),
    ]
    lines = [LogLine("a\0b \ud800", Stream.STDERR, Level.WARNING)]
    with world.work() as uow:
        assert uow.attempts.report(token, 1, events, points, lines)
    job = world.job(token.job_id)
    with world.work() as uow:
        (line,) = uow.logs.after(TENANT, job.id)
        curves = uow.metrics.series(TENANT, job.id)

    assert (job.phase, job.progress["step"]) == ("training", 5)
    assert (job.best["val/top1"]["value"], job.last["train/loss"]["nonfinite"]) == (0.5, "nan")
    assert (line.seq, line.text, line.level, line.stream) == (1, "a�b �", "warning", "stderr")
    assert [(c.name, [p.value for p in c.points]) for c in curves] == [
        ("train/loss", [None]),
        ("val/top1", [0.5]),
    ]
    assert [kind for _, kind in world.event_log(job.id)][-2:] == [
        "job.phase_changed",
        "job.progress",
    ]


def test_a_batch_that_is_sent_twice_is_applied_once(world):
    token = world.running()
    for expected in (True, False):
        with world.work() as uow:
            applied = uow.attempts.report(
                token, 1, [NewEvent(EventType.WARNING, {"code": "x"})], lines=[LogLine("once")]
            )

        assert applied is expected
    with world.work() as uow:
        assert len(uow.logs.after(TENANT, token.job_id)) == 1
    assert [kind for _, kind in world.event_log(token.job_id)].count("job.warning") == 1


def test_the_next_attempt_counts_its_batches_anew(world):
    token = world.running(SPENT)
    with world.work() as uow:
        uow.attempts.report(token, 7, lines=[LogLine("first")])
    lost(world, token)
    second = world.claim(world.worker().id).token
    with world.work() as uow:
        assert uow.attempts.report(second, 1, lines=[LogLine("second")])
        lines = uow.logs.after(TENANT, token.job_id)

    assert [(line.seq, line.attempt) for line in lines] == [(1, 1), (2, 2)]


def test_an_event_that_tells_of_a_write_cannot_be_reported_without_it(world):
    token = world.running()

    with pytest.raises(ValueError, match=r"job\.succeeded"), world.work() as uow:
        uow.attempts.report(token, 1, [NewEvent(EventType.SUCCEEDED)])


def test_a_nan_in_an_event_is_stored_as_null(world):
    token = world.running()
    with world.work() as uow:
        uow.attempts.report(token, 1, [NewEvent(EventType.WARNING, {"value": float("nan")})])
        event = uow.events.after(TENANT, token.job_id, types=["job.warning"])[0]

    assert event.data == {"value": None}


GATE = {"metric": "top1", "op": ">=", "value": 0.5, "of": "student", "passed": True}


def test_a_success_is_final_and_keeps_its_verdict(world):
    token = world.running()
    with world.work() as uow:
        job = uow.attempts.succeed(token, "passed", [GATE])
        attempts = uow.jobs.attempts(job)
        last = uow.events.after(TENANT, job.id)[-1]

    assert (job.state, job.verdict, job.lease_owner) == (State.SUCCEEDED, "passed", None)
    assert job.gates == [GATE]
    assert (last.type, last.data) == ("job.succeeded", {"verdict": "passed", "gates": [GATE]})
    assert job.started_at is not None
    assert job.finished_at is not None
    assert [a.ending for a in attempts] == ["succeeded"]
    with pytest.raises(StaleAttempt), world.work() as uow:
        uow.attempts.fail(token, failure())


def test_a_user_error_fails_the_job_with_everything_the_user_needs(world):
    token = world.running()
    with world.work() as uow:
        uow.attempts.report(token, 1, [NewEvent(EventType.PHASE_CHANGED, {"phase": "training"})])
        job = uow.attempts.fail(token, failure(ExitClass.USER_ERROR))

    assert job.state is State.FAILED
    assert {**job.failure, "log_tail_url": None} == {
        "class": "user_error",
        "code": "user_error",
        "message": "it ended",
        "hint": "",
        "phase": "training",
        "attempt": 1,
        "log_tail_url": None,
    }


def test_a_death_by_infrastructure_is_tried_again_three_times_and_then_fails(world):
    token, states = world.running(), []
    for _ in range(3):
        with world.work() as uow:
            states.append(uow.attempts.fail(token, failure()).state)
        claim = world.claim(token.worker_id)
        token = claim.token if claim else token

    assert states == [State.QUEUED, State.QUEUED, State.FAILED]
    log = [kind for _, kind in world.event_log(token.job_id)]
    assert log.count("job.attempt_lost") == 2
    assert log[-1] == "job.failed"


def test_a_newer_checkpoint_starts_the_count_of_deaths_again(world):
    token = world.running()
    for step in (1, 2, 3, 4):
        with world.work() as uow:
            uow.attempts.save_checkpoint(token, checkpoint(step))
            assert uow.attempts.fail(token, failure()).state is State.QUEUED
        token = world.claim(token.worker_id).token


def test_the_same_checkpoint_again_is_no_progress(world):
    token, states = world.running(), []
    with world.work() as uow:
        uow.attempts.save_checkpoint(token, checkpoint(1))
    for _ in range(4):
        with world.work() as uow:
            uow.attempts.save_checkpoint(token, checkpoint(1))
            states.append(uow.attempts.fail(token, failure()).state)
        claim = world.claim(token.worker_id)
        token = claim.token if claim else token

    assert states == [State.QUEUED, State.QUEUED, State.QUEUED, State.FAILED]


def test_a_drain_gives_the_job_back_for_the_next_worker_to_go_on(world):
    token = world.running()
    with world.work() as uow:
        uow.attempts.save_checkpoint(token, checkpoint(5))
    with world.work() as uow:
        uow.attempts.fail(token, failure(ExitClass.PREEMPTED), Ending.DRAINED)
        bells = uow.outbox.due()
    claim = world.claim(world.worker("other").id)

    assert [bell.subject for bell in bells] == [token.job_id]
    assert claim.job.checkpoint == checkpoint(5).as_json()
    assert claim.job.deaths == 0
    assert claim.worked_s >= 0


def test_a_lease_that_runs_out_is_found_and_lost_once(world):
    token = world.running(SPENT)
    with world.work() as uow:
        found = uow.leases.expired()

    assert [token] == found
    assert lost(world, token).state is State.QUEUED
    assert lost(world, token) is None


def test_a_lease_that_was_renewed_meanwhile_is_not_lost(world):
    token = world.running(SPENT)
    with world.work() as uow:
        assert uow.leases.expired() == [token]
        uow.leases.renew(token)

    assert lost(world, token) is None
    assert world.job(token.job_id).state is State.RUNNING


def test_the_jobs_of_a_workers_older_life_are_lost_at_once(world):
    token = world.running()
    world.worker("box:2")
    with world.work() as uow:
        assert uow.leases.expired() == []
    world.worker("box:1")
    with world.work() as uow:
        assert uow.leases.expired() == [token]
    assert lost(world, token).state is State.QUEUED


def test_a_lost_lease_never_counts(world):
    token = world.running(SPENT)
    for _ in range(5):
        assert lost(world, token).state is State.QUEUED
        token = world.claim(world.worker().id, SPENT).token
    assert world.job(token.job_id).deaths == 0


def test_a_cancelled_job_whose_worker_is_gone_becomes_cancelled(world):
    token = world.running(SPENT)
    with world.work() as uow:
        uow.steering.cancel(TENANT, token.job_id)

    assert lost(world, token).state is State.CANCELLED
    assert world.event_log(token.job_id)[-1][1] == "job.cancelled"


def test_a_process_that_dies_while_it_is_cancelled_was_cancelled(world):
    token = world.running()
    with world.work() as uow:
        uow.steering.cancel(TENANT, token.job_id)
    with world.work() as uow:
        assert uow.attempts.fail(token, failure(ExitClass.INTERNAL)).state is State.CANCELLED


def test_a_job_that_finishes_first_has_succeeded_and_the_wish_is_on_record(world):
    token = world.running()
    with world.work() as uow:
        uow.steering.cancel(TENANT, token.job_id)
        job = uow.attempts.succeed(token, "not_evaluated")

    assert (job.state, job.desired_state) == (State.SUCCEEDED, "cancelled")


def test_a_job_that_was_cancelled_before_it_started_does_not_start(world):
    world.submit()
    token = world.claim(world.worker().id).token
    with world.work() as uow:
        uow.steering.cancel(TENANT, token.job_id)
        orders = uow.attempts.start(token)

    assert orders.desired == "cancelled"
    assert world.job(token.job_id).state is State.CANCELLING


def test_a_running_job_that_nobody_told_to_stop_cannot_be_stopped(world):
    token = world.running()

    with pytest.raises(InvalidTransition), world.work() as uow:
        uow.attempts.stop(token)
    assert world.job(token.job_id).state is State.RUNNING


def test_an_artifact_of_a_later_attempt_takes_the_place_of_an_earlier_one(world):
    token = world.running(SPENT)
    old, new = world.blob(b"old"), world.blob(b"new")
    with world.work() as uow:
        first = uow.attempts.add_artifact(
            token, name="student", format="safetensors", blob_sha256=old, size_bytes=3
        )
    lost(world, token)
    second = world.claim(world.worker().id).token
    with world.work() as uow:
        uow.attempts.add_artifact(
            second, name="student", format="safetensors", blob_sha256=new, size_bytes=3
        )
    with world.work() as uow:
        (artifact,) = uow.artifacts.of_job(TENANT, token.job_id)
        unneeded = uow.blobs.unreferenced(SPENT)

    assert (artifact.id, artifact.attempt, artifact.blob_sha256) == (first.id, 2, new)
    assert unneeded == [old]
    with pytest.raises(NotFound), world.work() as uow:
        uow.artifacts.get("other", token.job_id, first.id)


def test_a_step_that_is_done_again_has_the_later_value(world):
    token = world.running(SPENT)
    with world.work() as uow:
        uow.attempts.report(token, 1, points=[MetricPoint("a", s, 1.0) for s in range(1, 5)])
    lost(world, token)
    second = world.claim(world.worker().id).token
    with world.work() as uow:
        uow.attempts.report(second, 1, points=[MetricPoint("a", s, 2.0) for s in (3, 4, 5)])
        (curve,) = uow.metrics.series(TENANT, token.job_id, names=["a"], since_step=2)
        (first,) = uow.metrics.series(TENANT, token.job_id, attempt=1)

    assert [(p.step, p.value) for p in curve.points] == [(2, 1.0), (3, 2.0), (4, 2.0), (5, 2.0)]
    assert len(first.points) == 4


def test_a_long_curve_is_sampled_and_says_so(world):
    token = world.running()
    values = [0.0] * 500 + [9.0] + [0.0] * 499
    with world.work() as uow:
        points = [MetricPoint("a", step, value) for step, value in enumerate(values)]
        uow.attempts.report(token, 1, points=points)
        (curve,) = uow.metrics.series(TENANT, token.job_id, max_points=50)

    assert curve.sampled
    assert len(curve.points) <= 50
    assert (curve.points[0].step, curve.points[-1].step) == (0, 999)
    assert 9.0 in {point.value for point in curve.points}


def test_events_and_lines_are_read_on_from_where_a_reader_stopped(world):
    token = world.running()
    with world.work() as uow:
        uow.attempts.report(token, 1, lines=[LogLine(str(n)) for n in range(1, 6)])
    with world.work() as uow:
        rest = uow.events.after(TENANT, token.job_id, 2, limit=1)
        lines = uow.logs.after(TENANT, token.job_id, 3)
        tail = uow.logs.tail(TENANT, token.job_id, 2)

    assert [event.seq for event in rest] == [3]
    assert [line.text for line in lines] == ["4", "5"]
    assert [line.text for line in tail] == ["4", "5"]


def test_what_the_attempt_chose_is_written_into_the_resolved_specification(world):
    world.submit()
    claim = world.claim(world.worker().id)
    resolved = {**claim.job.resolved, "resources": {"device": "cpu", "threads": 1}}
    with world.work() as uow:
        uow.attempts.start(claim.token, {"device": "cpu"}, resolved)

    assert world.job(claim.job.id).resolved["resources"]["threads"] == 1
    assert world.event_log(claim.job.id)[-1] == (4, "job.started")


def test_the_phase_of_a_checkpoint_is_part_of_how_far_it_is(world):
    token = world.running()
    with world.work() as uow:
        uow.attempts.save_checkpoint(token, checkpoint(900, Phase.TRAINING_TEACHER))
        job = uow.attempts.save_checkpoint(token, checkpoint(1))
        (attempt,) = uow.jobs.attempts(job)

    assert attempt.checkpoints == 2
    assert job.checkpoint["phase"] == "training"
