"""A worker that is told to end does, whatever it was doing when the signal came."""

import signal
import sys
from pathlib import Path

import pytest

from stillhouse.domain.job import State
from tests.support.service_processes import NOOP_WORKER, WORKER

CELERY = [Path(sys.executable).with_name("celery"), "-A", "worker.app", "worker"]
OPTIONS = ["-P", "prefork", "-c", "1", "-Q", "gpu,cpu,io", "-n", "w@%h"]
SIGNALLED = [sys.executable, "-m", "tests.support.signalled_worker"]
# Far less than it would wait for work in hand, far more than a busy machine needs.
PATIENCE_S = 60


def present(service):
    with service.work() as uow:
        return uow.workers.present()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("command", [WORKER, [*CELERY, *OPTIONS]], ids=["python", "celery"])
def test_an_idle_worker_leaves_and_does_not_wait_first(service, command, number):
    worker = service.start(command, checkpoint_grace_s=1000)
    service.wait(lambda: present(service), "the worker did not come")
    worker.send_signal(number)

    assert 0 == worker.wait(PATIENCE_S)
    assert [] == present(service)


@pytest.mark.parametrize("moment", ["before a fork", "in a fork", "when it is ready"])
def test_a_signal_at_any_moment_of_the_start_ends_it(service, moment):
    worker = service.start([*SIGNALLED, moment, str(int(signal.SIGTERM))], checkpoint_grace_s=1000)

    assert 0 == worker.wait(PATIENCE_S), service.logs()
    assert "worker.joined" in service.logs()
    assert [] == present(service)


def test_a_second_signal_ends_it_while_a_trainer_does_not(service):
    worker = service.start([*NOOP_WORKER, "deaf"], checkpoint_grace_s=1000)
    job = service.submit_and_ring()
    service.wait(lambda: service.state(job.id) is State.RUNNING, "the job does not run")
    worker.send_signal(signal.SIGTERM)
    service.wait(lambda: present(service)[0].state == "draining", "it does not drain")
    worker.send_signal(signal.SIGTERM)
    worker.wait(PATIENCE_S)
    service.wait(lambda: service.trainers() == [], "the trainer outlived its worker")

    assert [] == present(service)
