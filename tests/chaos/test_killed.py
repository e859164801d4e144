"""Whatever is killed while a job trains, the job ends once, in the same weights."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from stillhouse.domain.job import Desired, State
from stillhouse.domain.job_spec import parse_job_spec
from stillhouse.runtime.broker import JOB_BELL, ring
from stillhouse.store.jobs import Descent
from tests.support.service import TENANT

MODEL = "safetensors/model.safetensors"
LONG = {"epochs": 100, "checkpoint_every_s": 0.2}
SHORTER = {"epochs": 40, "checkpoint_every_s": 0.2}
LENGTHENED = {**SHORTER, "epochs": 50, "schedule": {"kind": "cosine", "epochs": 40}}
ENDLESS = {"epochs": 5000, "checkpoint_every_s": 0.2}


def kill_with_children(process):
    """As the kernel does when it ends a whole container: nobody gets to say goodbye."""
    family = [process.pid, *descendants(process.pid)]
    for pid in family:
        os.kill(pid, signal.SIGKILL)
    process.wait()


def descendants(pid):
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True)
    parents = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    found, looked = [], [pid]
    while looked:
        parent = looked.pop()
        children = [child for child, its_parent in parents if its_parent == parent]
        found += children
        looked += children
    return found


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(service):
    service.wait(lambda: service.trainers() == [], "a trainer is left", within_s=10)


@pytest.mark.slow
def test_killed_part_by_part_it_ends_once_in_the_same_weights(service):
    worker = service.start_worker()
    service.start_reconciler()
    undisturbed = service.training(**LONG)
    assert service.wait_for_end(undisturbed.id).state is State.SUCCEEDED

    job = service.training(**LONG)
    service.wait_for_training(job.id)
    (trainer,) = service.trainers()
    os.kill(trainer, signal.SIGKILL)
    service.wait_for_training(job.id, attempt=2)
    kill_with_children(worker)
    service.start_worker()
    service.wait_for_training(job.id, attempt=3)
    service.broker.kill()
    service.broker.start()
    ended = service.wait_for_end(job.id)

    log = service.events(job.id)
    assert ended.state is State.SUCCEEDED
    assert list(range(1, len(log) + 1)) == [event.seq for event in log]
    assert 1 == [event.type for event in log].count("job.succeeded")
    assert ["died", "lease_lost", "succeeded"] == endings(service, ended)
    assert service.artifact(undisturbed.id, MODEL) == service.artifact(job.id, MODEL)
    wait_until_gone(service)


def endings(service, job):
    with service.work() as uow:
        return [attempt.ending for attempt in uow.jobs.attempts(job)]


@pytest.mark.slow
def test_a_cancelled_job_is_cancelled_when_its_process_is_gone_and_not_before(service):
    service.start_worker()
    job = service.training(**ENDLESS)
    service.wait_for_training(job.id)
    (trainer,) = service.trainers()
    with service.work() as uow:
        cancelled = uow.steering.cancel(TENANT, job.id)
    seen = [cancelled.job.state]

    def is_cancelled():
        state, ran = service.state(job.id), is_running(trainer)
        seen.append(state)
        return state is State.CANCELLED and not ran

    service.wait(is_cancelled, "the process is still there", within_s=10)
    assert {State.CANCELLING, State.CANCELLED} == set(seen)
    assert 1 == seen.count(State.CANCELLED)
    assert service.job(job.id).desired_state is Desired.CANCELLED
    assert [] == service.trainers()


@pytest.mark.slow
def test_a_paused_job_frees_its_worker_and_made_longer_ends_in_the_same_weights(service):
    service.start_worker()
    undisturbed = service.training(**LENGTHENED)
    assert service.wait_for_end(undisturbed.id).state is State.SUCCEEDED

    job = service.training(**SHORTER)
    service.wait_for_training(job.id)
    (trainer,) = service.trainers()
    with service.work() as uow:
        uow.steering.pause(TENANT, job.id)
    service.wait(lambda: service.state(job.id) is State.PAUSED, "it is not paused", within_s=30)
    paused = service.job(job.id)
    assert not is_running(trainer)
    assert (None, 0) == (paused.lease_owner, paused.deaths)

    with service.work() as uow:
        queue = uow.steering.resume(TENANT, job.id, extra_epochs=10).job.queue
    ring(service.celery, JOB_BELL, job.id, queue)
    ended = service.wait_for_end(job.id)
    resumed = [event.data for event in service.events(job.id) if event.type == "job.resumed"]

    assert ["paused", "succeeded"] == endings(service, ended)
    assert paused.checkpoint["step"] == resumed[-1]["step"]
    assert undisturbed.resolved["recipe"] == ended.resolved["recipe"]
    assert service.artifact(undisturbed.id, MODEL) == service.artifact(job.id, MODEL)


@pytest.mark.slow
def test_a_cancelled_job_that_is_retried_goes_on_to_the_same_weights(service):
    service.start_worker()
    undisturbed = service.training(**SHORTER)
    assert service.wait_for_end(undisturbed.id).state is State.SUCCEEDED

    job = service.training(**SHORTER)
    service.wait_for_training(job.id)
    with service.work() as uow:
        uow.steering.cancel(TENANT, job.id)
    cancelled = service.wait_for_end(job.id)
    with service.work() as uow:
        spec = parse_job_spec(cancelled.spec)
        retried = uow.jobs.create(TENANT, spec, cancelled.spec, Descent(cancelled, goes_on=True))
    ring(service.celery, JOB_BELL, retried.id, retried.queue)
    ended = service.wait_for_end(retried.id)
    resumed = service.wait_for_event(retried.id, "job.resumed").data

    assert (State.CANCELLED, State.SUCCEEDED) == (cancelled.state, ended.state)
    # The trainer goes on while a snapshot is taken: it may hold more than it was begun for.
    assert cancelled.checkpoint["step"] <= resumed["step"]
    assert service.artifact(undisturbed.id, MODEL) == service.artifact(retried.id, MODEL)
    assert State.CANCELLED is service.state(job.id)


@pytest.mark.slow
def test_a_drained_worker_gives_its_job_back_and_another_goes_on(service):
    first = service.start_worker("first")
    service.start_reconciler()
    job = service.training(**SHORTER)
    service.wait_for_training(job.id)
    first.send_signal(signal.SIGTERM)

    assert 0 == first.wait(timeout=30)
    given_back = service.job(job.id)
    assert (State.QUEUED, 0) == (given_back.state, given_back.deaths)
    assert given_back.checkpoint_blob is not None
    wait_until_gone(service)

    service.start_worker("second")
    ended = service.wait_for_end(job.id)
    assert State.SUCCEEDED is ended.state
    assert ["drained", "succeeded"] == endings(service, ended)
    resumed = [event.data["step"] for event in service.events(job.id) if is_resumed(event)]
    assert [given_back.checkpoint["step"]] == resumed


def is_resumed(event):
    return event.type == "job.resumed"
