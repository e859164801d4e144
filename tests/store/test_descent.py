"""A job that is made from another one: what it takes over, and what stays as it was."""

import pytest

from stillhouse.domain.errors import InvalidTransition
from stillhouse.domain.events import MetricPoint
from stillhouse.domain.failure import ExitClass
from stillhouse.domain.job import State
from stillhouse.store.jobs import Descent
from tests.support.service import SPENT, TENANT, checkpoint, document, failure, job_spec


@pytest.fixture
def failed(world):
    """At step 7, with a curve to there and the blob of its checkpoint."""
    token, blob = world.running(), world.blob(b"run")
    points = [MetricPoint("val/top1", step, value) for step, value in ((4, 0.5), (7, 0.25))]
    with world.work() as uow:
        uow.attempts.report(token, 1, points=points)
        uow.attempts.save_checkpoint(token, checkpoint(7), blob)
        return uow.attempts.fail(token, failure(ExitClass.OOM_HOST))


def descend(world, parent, *, goes_on=True, **changes):
    descent = Descent(parent, goes_on=goes_on, reason="more memory now")
    with world.work() as uow:
        return uow.jobs.create(TENANT, job_spec(**changes), document(**changes), descent)


def curve(world, job):
    with world.work() as uow:
        return [
            (point.step, point.value, point.attempt)
            for series in uow.metrics.series(TENANT, job.id)
            for point in series.points
        ]


def test_a_retry_goes_on_from_the_checkpoint_with_attempts_of_its_own(world, failed):
    job = descend(world, failed)
    claim = world.claim(world.worker().id)
    with world.work() as uow:
        created = uow.events.after(TENANT, job.id)[0]
        (attempt,) = uow.jobs.attempts(claim.job)

    assert (job.state, job.parent_id, job.attempt, job.deaths) == (State.QUEUED, failed.id, 0, 0)
    assert (claim.job.id, claim.worked_s) == (job.id, 0)
    assert (claim.job.checkpoint_blob, attempt.resumed_from["step"]) == (failed.checkpoint_blob, 7)
    assert created.data == {
        "name": job.name,
        "parent_id": failed.id,
        "reason": "more memory now",
        "from_step": 7,
    }


def test_a_retry_begins_with_the_curves_and_numbers_so_far(world, failed):
    job = descend(world, failed)

    assert (job.best, job.last) == (failed.best, failed.last)
    assert job.best["val/top1"]["value"] == 0.5
    assert curve(world, job) == [(4, 0.5, 0), (7, 0.25, 0)]
    assert curve(world, failed) == [(4, 0.5, 1), (7, 0.25, 1)]


def test_what_ended_stays_as_it_is(world, failed):
    descend(world, failed)
    after = world.job(failed.id)

    assert (after.state, after.version) == (State.FAILED, failed.version)
    assert after.checkpoint_blob == failed.checkpoint_blob


def test_the_checkpoint_of_another_science_is_of_no_use(world, failed):
    job = descend(world, failed, student={"architecture": "resnet18"})

    assert (job.checkpoint, job.checkpoint_blob, job.best) == (None, None, {})
    assert curve(world, job) == []


def test_from_the_start_means_without_a_checkpoint(world, failed):
    job = descend(world, failed, goes_on=False)

    assert (job.parent_id, job.checkpoint_blob) == (failed.id, None)
    assert curve(world, job) == []


def test_a_blob_that_two_jobs_go_on_from_outlives_the_first_that_lets_it_go(world, failed):
    descend(world, failed)
    token = world.claim(world.worker().id).token
    with world.work() as uow:
        uow.attempts.start(token)
        uow.attempts.succeed(token, "passed")
        forgotten = uow.blobs.forget(failed.checkpoint_blob, SPENT)

    assert not forgotten
    assert world.job(failed.id).checkpoint_blob is not None


@pytest.mark.parametrize("state", ["queued", "running", "pausing", "paused", "cancelling"])
def test_a_job_that_is_not_over_cannot_be_retried(world, state):
    job_id = world.submit().id if state in {"queued", "paused"} else world.running().job_id
    with world.work() as uow:
        if state in {"paused", "pausing"}:
            uow.steering.pause(TENANT, job_id)
        if state == "cancelling":
            uow.steering.cancel(TENANT, job_id)

    with pytest.raises(InvalidTransition) as refusal, world.work() as uow:
        uow.steering.retryable(TENANT, job_id)
    assert refusal.value.facts["current"] == state
    assert refusal.value.hint


def test_a_job_that_has_its_result_is_cloned_and_not_retried(world):
    token = world.running()
    with world.work() as uow:
        uow.attempts.succeed(token, "passed")

    with pytest.raises(InvalidTransition, match="clone it"), world.work() as uow:
        uow.steering.retryable(TENANT, token.job_id)
