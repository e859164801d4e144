"""What users ask of a job: done at once where nobody holds it, else when its process is gone."""

import contextlib

import pytest

from stillhouse.domain.errors import (
    Invalid,
    InvalidTransition,
    NotFound,
    NotWaiting,
    PreconditionFailed,
)
from stillhouse.domain.failure import Ending, ExitClass
from stillhouse.domain.job import Desired, State
from stillhouse.domain.job_spec import parse_job_spec
from stillhouse.store.jobs import Descent
from stillhouse.store.steering import Changes
from tests.support.service import SPENT, TENANT, checkpoint, failure, job_spec

GATE = {"metric": "top1", "op": ">=", "value": 0.9}


def test_a_queued_job_is_cancelled_at_once(world):
    job = world.submit()
    with world.work() as uow:
        cancelled, changed = uow.steering.cancel(TENANT, job.id, reason="typo")
        bells = uow.outbox.due()

    assert changed
    assert (cancelled.state, cancelled.desired_state) == (State.CANCELLED, Desired.CANCELLED)
    assert cancelled.finished_at is not None
    assert bells == []
    assert world.event_log(job.id)[-1] == (3, "job.cancelled")


def test_a_running_job_is_cancelling_until_its_process_is_gone(world):
    token = world.running()
    with world.work() as uow:
        job, changed = uow.steering.cancel(TENANT, token.job_id)
        again = uow.steering.cancel(TENANT, token.job_id)
    with world.work() as uow:
        orders = uow.leases.orders(token)

    assert changed
    assert not again.changed
    assert (job.state, again.job.version) == (State.CANCELLING, job.version)
    assert orders.desired is Desired.CANCELLED
    with world.work() as uow:
        assert uow.attempts.stop(token).state is State.CANCELLED


def test_a_job_that_is_over_cannot_be_cancelled(world):
    token = world.running()
    with world.work() as uow:
        uow.attempts.succeed(token, "passed")

    with pytest.raises(InvalidTransition) as refusal, world.work() as uow:
        uow.steering.cancel(TENANT, token.job_id)
    assert refusal.value.facts["current"] == "succeeded"


def test_a_cancellation_of_an_older_version_is_refused(world):
    job = world.submit()

    with pytest.raises(PreconditionFailed), world.work() as uow:
        uow.steering.cancel(TENANT, job.id, if_versions={job.version + 1})
    assert world.job(job.id).version == job.version


def pause(world, job_id):
    with world.work() as uow:
        return uow.steering.pause(TENANT, job_id, reason="the machine is needed")


def resume(world, job_id):
    with world.work() as uow:
        return uow.steering.resume(TENANT, job_id)


def test_a_queued_job_is_paused_at_once_and_nobody_claims_it(world):
    job = world.submit()
    paused, changed = pause(world, job.id)
    with world.work() as uow:
        bells = uow.outbox.due()

    assert changed
    assert (paused.state, paused.desired_state) == (State.PAUSED, Desired.PAUSED)
    assert (paused.queue_deadline, paused.finished_at, bells) == (None, None, [])
    assert world.claim(world.worker().id) is None
    assert world.event_log(job.id)[-1] == (3, "job.paused")


def test_a_running_job_is_pausing_until_its_process_is_gone(world):
    token, blob = world.running(), world.blob(b"run")
    with world.work() as uow:
        uow.attempts.save_checkpoint(token, checkpoint(7), blob)
    job, changed = pause(world, token.job_id)
    again = pause(world, token.job_id)
    with world.work() as uow:
        orders = uow.leases.orders(token)
    with world.work() as uow:
        paused = uow.attempts.stop(token)
        attempts = uow.jobs.attempts(paused)

    assert (changed, again.changed) == (True, False)
    assert (job.state, again.job.version) == (State.PAUSING, job.version)
    assert orders.desired is Desired.PAUSED
    assert (paused.state, paused.lease_owner, paused.deaths) == (State.PAUSED, None, 0)
    assert paused.checkpoint_blob is not None
    assert [attempt.ending for attempt in attempts] == ["paused"]


def test_a_paused_job_that_is_resumed_is_queued_and_goes_on_from_its_checkpoint(world):
    token = world.running()
    with world.work() as uow:
        uow.attempts.save_checkpoint(token, checkpoint(7))
    pause(world, token.job_id)
    with world.work() as uow:
        uow.attempts.stop(token)
    queued, changed = resume(world, token.job_id)
    again = resume(world, token.job_id)
    with world.work() as uow:
        bells = [bell.subject for bell in uow.outbox.due()]
    claim = world.claim(world.worker().id)
    with world.work() as uow:
        second = uow.jobs.attempts(claim.job)[1]

    assert (changed, again.changed) == (True, False)
    assert (queued.state, queued.desired_state) == (State.QUEUED, Desired.RUNNING)
    assert queued.queue_deadline is not None
    assert bells == [token.job_id]
    assert (second.number, second.resumed_from["step"]) == (2, 7)


def lengthen(world, job_id, extra_epochs=10):
    with world.work() as uow:
        return uow.steering.resume(TENANT, job_id, extra_epochs=extra_epochs, reason="it rises")


def test_a_paused_job_is_lengthened_and_is_from_then_on_the_longer_one(world):
    job = world.submit(recipe={"preset": "quick"}, gates=[GATE])
    paused = pause(world, job.id).job
    longer, changed = lengthen(world, job.id)
    alike = job_spec(
        recipe={"preset": "quick", "epochs": 18, "schedule": {"epochs": 8}}, gates=[GATE]
    )
    with world.work() as uow:
        told = uow.events.after(TENANT, job.id, 0)[-1]

    assert (changed, longer.state, longer.version) == (True, State.QUEUED, paused.version + 1)
    assert (longer.resolved, longer.fingerprint) == (alike.resolved(), alike.fingerprint)
    assert job_spec(**longer.spec).fingerprint == alike.fingerprint
    assert longer.spec["recipe"] == {"preset": "quick", "epochs": 18, "schedule": {"epochs": 8}}
    assert (told.type, told.data) == (
        "job.queued",
        {"reason": "it rises", "extra_epochs": 10, "epochs": 18},
    )
    assert world.claim(world.worker().id).job.id == job.id


def test_a_job_may_be_lengthened_again_and_its_schedule_keeps_its_first_length(world):
    job = world.submit()
    for extra_epochs in (10, 5):
        pause(world, job.id)
        longer = lengthen(world, job.id, extra_epochs).job

    assert longer.resolved["recipe"]["epochs"] == 75
    assert longer.resolved["recipe"]["schedule"]["epochs"] == 60
    assert longer.spec["recipe"] == {"epochs": 75, "schedule": {"epochs": 60}}


def test_only_a_paused_job_is_lengthened(world):
    token = world.running()
    queued, cancelled = world.submit().id, world.submit().id
    with world.work() as uow:
        uow.steering.cancel(TENANT, cancelled)
    before = [world.job(job_id).version for job_id in (token.job_id, queued, cancelled)]
    hints = []
    for job_id in (token.job_id, queued, cancelled):
        with pytest.raises(InvalidTransition) as refusal:
            lengthen(world, job_id)
        hints.append(refusal.value.hint)

    assert [hint.split(":")[0].split(",")[0] for hint in hints] == [
        "pause it first",
        "pause it first",
        "it is over",
    ]
    assert before == [world.job(job_id).version for job_id in (token.job_id, queued, cancelled)]


def test_more_epochs_than_a_recipe_may_have_are_refused(world):
    job = world.submit(recipe={"epochs": 99_995})
    paused = pause(world, job.id).job

    with pytest.raises(Invalid) as refusal:
        lengthen(world, job.id)
    assert [problem.pointer for problem in refusal.value.problems] == ["/recipe/epochs"]
    assert (world.job(job.id).version, world.job(job.id).state) == (paused.version, State.PAUSED)


def test_what_was_lengthened_is_retried_from_its_checkpoint(world):
    token = world.running()
    with world.work() as uow:
        uow.attempts.save_checkpoint(token, checkpoint(7))
    pause(world, token.job_id)
    with world.work() as uow:
        uow.attempts.stop(token)
    longer = lengthen(world, token.job_id).job
    spec = parse_job_spec(longer.spec)

    assert Descent(longer, goes_on=True).begun(spec) is longer
    assert longer.checkpoint["step"] == 7


@pytest.mark.parametrize("ending", [Ending.DIED, Ending.DRAINED])
def test_an_attempt_that_is_lost_while_pausing_leaves_the_job_paused(world, ending):
    token = world.running()
    pause(world, token.job_id)
    with world.work() as uow:
        job = uow.attempts.fail(token, failure(), ending)

    assert job.state is State.PAUSED
    assert [kind for _, kind in world.event_log(job.id)][-2:] == ["job.attempt_lost", "job.paused"]
    assert world.claim(world.worker().id) is None
    assert resume(world, job.id).job.state is State.QUEUED


def test_a_worker_that_is_lost_while_pausing_leaves_the_job_paused(world):
    token = world.running(ttl=SPENT)
    pause(world, token.job_id)
    with world.work() as uow:
        job = uow.attempts.lose(token)

    assert (job.state, job.lease_owner) == (State.PAUSED, None)


def test_a_job_that_finishes_or_fails_first_is_over_and_not_paused(world):
    done, broken = world.running(), world.running()
    for token in (done, broken):
        pause(world, token.job_id)
    with world.work() as uow:
        assert uow.attempts.succeed(done, "passed").state is State.SUCCEEDED
        assert uow.attempts.fail(broken, failure(ExitClass.DIVERGED)).state is State.FAILED


def test_a_paused_job_is_cancelled_at_once_and_a_pausing_one_when_its_process_is_gone(world):
    paused = world.submit()
    pause(world, paused.id)
    token = world.running()
    pause(world, token.job_id)
    with world.work() as uow:
        assert uow.steering.cancel(TENANT, paused.id).job.state is State.CANCELLED
        assert uow.steering.cancel(TENANT, token.job_id).job.state is State.CANCELLING
    with world.work() as uow:
        assert uow.attempts.stop(token).state is State.CANCELLED


def test_a_job_that_is_still_pausing_cannot_be_resumed_yet(world):
    token = world.running()
    pause(world, token.job_id)

    with pytest.raises(InvalidTransition, match="wait until it is paused") as refusal:
        resume(world, token.job_id)
    assert refusal.value.facts["allowed"] == ("cancelling",)


@pytest.mark.parametrize("verb", [pause, resume])
def test_a_job_that_is_over_is_neither_paused_nor_resumed(world, verb):
    job = world.submit()
    with world.work() as uow:
        uow.steering.cancel(TENANT, job.id)
    version = world.job(job.id).version

    with pytest.raises(InvalidTransition, match="is final"):
        verb(world, job.id)
    assert world.job(job.id).version == version


@pytest.mark.parametrize("verb", ["cancel", "pause", "resume"])
def test_another_tenants_job_cannot_be_steered(world, verb):
    job = world.submit()
    with world.work() as uow:
        uow.tenants.ensure("other")

    with pytest.raises(NotFound), world.work() as uow:
        getattr(uow.steering, verb)("other", job.id)
    assert world.job(job.id).version == job.version


def change(world, job_id, **changes):
    with world.work() as uow:
        return uow.steering.change(TENANT, job_id, Changes(**changes))


def test_what_people_call_a_job_may_change_and_an_event_tells_of_it(world):
    job = world.submit(name="a", labels={"team": "x", "ci": "1"})
    changed = change(world, job.id, name="b", labels={"team": None, "run": "7"}, priority="high")
    with world.work() as uow:
        event = uow.events.after(TENANT, job.id)[-1]
    labels = {"ci": "1", "run": "7"}

    assert (changed.name, changed.labels, changed.priority) == ("b", labels, "high")
    assert (changed.version, changed.spec, changed.fingerprint) == (
        job.version + 1,
        job.spec,
        job.fingerprint,
    )
    assert changed.resolved == {**job.resolved, "name": "b", "labels": labels, "priority": "high"}
    told = {"name": "b", "labels": labels, "priority": "high"}
    assert (event.type, event.data) == ("job.changed", told)


def test_a_change_of_nothing_writes_nothing(world):
    job = world.submit(name="a", labels={"team": "x"})

    assert change(world, job.id).version == job.version
    assert change(world, job.id, name="a", labels={"team": "x", "ci": None}).version == job.version


def test_a_priority_counts_only_while_a_job_waits(world):
    first, second = world.submit(), world.submit()
    change(world, second.id, priority="high")
    token = world.claim(world.worker().id).token

    assert token.job_id == second.id
    with pytest.raises(NotWaiting, match="starting"):
        change(world, second.id, priority="low")
    assert change(world, second.id, priority="high", name="x").name == "x"
    pause(world, first.id)
    assert change(world, first.id, priority="low").priority == "low"


def test_a_job_that_is_over_can_still_be_named(world):
    token = world.running()
    with world.work() as uow:
        uow.attempts.succeed(token, "passed")

    assert change(world, token.job_id, name="keep this one").state is State.SUCCEEDED


def test_a_job_has_no_more_labels_than_one_may_submit(world):
    job = world.submit(labels={f"k{n}": "" for n in range(16)})

    assert len(change(world, job.id, labels={"k0": None, "new": ""}).labels) == 16
    with pytest.raises(Invalid, match="at most 16") as refusal:
        change(world, job.id, labels={"newer": ""})
    assert refusal.value.problems[0].pointer == "/labels"


def test_of_two_who_change_a_job_the_second_has_to_look_again(world):
    job = world.submit()
    for name in ("first", "second"):
        with contextlib.suppress(PreconditionFailed), world.work() as uow:
            changes = Changes(name=name)
            uow.steering.change(TENANT, job.id, changes, if_versions={job.version})

    assert world.job(job.id).name == "first"
