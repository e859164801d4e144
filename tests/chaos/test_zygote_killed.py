"""Supervisor, zygote, trainer: whoever is killed takes those below along, and the job ends once."""

import os
import signal

import pytest

from stillhouse.domain.job import State
from tests.support.processes import command_line, has_ended, parent_of

pytestmark = pytest.mark.slow
MODEL = "safetensors/model.safetensors"
LONG = {"epochs": 40, "checkpoint_every_s": 0.2}
ENDLESS = {"epochs": 5000, "checkpoint_every_s": 0.2}


def in_training(service, job, attempt=1):
    """The trainer, its zygote, its supervisor."""
    service.wait_for_training(job.id, attempt)
    (trainer,) = service.trainers()
    zygote = parent_of(trainer)
    assert "kd_core.zygote" in command_line(zygote)
    return trainer, zygote, parent_of(zygote)


def endings(service, job):
    with service.work() as uow:
        return [attempt.ending for attempt in uow.jobs.attempts(job)]


def test_a_killed_zygote_costs_an_attempt_and_no_weight(service):
    worker = service.start_worker()
    undisturbed = service.training(**LONG)
    _, first, supervisor = in_training(service, undisturbed)
    assert worker.pid == parent_of(supervisor)
    assert service.wait_for_end(undisturbed.id).state is State.SUCCEEDED

    job = service.training(**LONG)
    trainer, zygote, supervisor = in_training(service, job)
    os.kill(zygote, signal.SIGKILL)
    assert has_ended(trainer)
    _, another, same = in_training(service, job, attempt=2)
    ended = service.wait_for_end(job.id)

    assert ended.state is State.SUCCEEDED
    assert first == zygote != another
    assert supervisor == same
    assert ["died", "succeeded"] == endings(service, ended)
    assert service.artifact(undisturbed.id, MODEL) == service.artifact(job.id, MODEL)


def test_when_the_supervisor_is_killed_nothing_is_left_and_the_job_goes_on(service):
    service.start_worker()
    service.start_reconciler()
    job = service.training(**LONG)
    family = in_training(service, job)
    os.kill(family[-1], signal.SIGKILL)

    assert all(has_ended(pid) for pid in family)
    ended = service.wait_for_end(job.id)
    assert ended.state is State.SUCCEEDED
    assert ["lease_lost", "succeeded"] == endings(service, ended)


def test_when_the_workers_main_process_is_killed_nothing_is_left(service):
    worker = service.start_worker()
    job = service.training(**ENDLESS)
    family = in_training(service, job)
    worker.kill()
    worker.wait()

    assert all(has_ended(pid) for pid in family)


def test_without_warm_starts_the_trainer_is_the_supervisors_own(service):
    worker = service.start_worker(warm_starts=False)
    job = service.training(**ENDLESS)
    service.wait_for_training(job.id)
    (trainer,) = service.trainers()

    assert worker.pid == parent_of(parent_of(trainer))
