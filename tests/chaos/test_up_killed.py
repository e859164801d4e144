"""Everything that `still up` runs is killed while a job trains; the job ends once all the same."""

import os
import signal
import time

import pytest
import yaml

from stillhouse.client import ApiError, ServerUnreachable, StillhouseClient
from tests.support.local_service import Home, command_of, service, wait_until_gone
from tests.support.small_runs import small_data, small_spec

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
PATIENCE_S = 120
TRAINER = "kd_core.process"
# The trainer first, then the worker with its child, the broker, the API.
VICTIMS = (TRAINER, "worker.app", "valkey", "api.main")


@pytest.fixture
def running(tmp_path):
    small_data(tmp_path / "data.npz", count=200)
    with service(Home(tmp_path)) as up:
        yield up


def submitted(home, dataset, name):
    recipe = {
        "epochs": 60,
        "batch_size": 4,
        "optimizer": {"kind": "adamw", "lr": 0.003},
        "ema": 0.9,
        "checkpoint_every_s": 0.2,
    }
    data = {"dataset": dataset, "image_size": 16}
    spec = small_spec(name=name, data=data, recipe=recipe)
    (home.folder / f"{name}.yaml").write_text(yaml.safe_dump(spec))
    return home.json("submit", f"{name}.yaml")["id"]


def key_of(home):
    lines = home.config.read_text().splitlines()
    return next(line.split('"')[1] for line in lines if line.startswith("key"))


def until(found):
    """What the question answers, asked until it does; the API may be away for a while."""
    deadline = time.monotonic() + PATIENCE_S
    while (answer := found()) is None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return answer


def running_trainer(up):
    """A trainer that has written a checkpoint of its own since it was started."""
    return next((pid for pid in up.children() if TRAINER in command_of(pid)), None)


def ended(client, job):
    """The job when it is over; None while it is not, or while nobody answers."""
    try:
        found = client.jobs.get(job)
    except (ServerUnreachable, ApiError):
        return None
    return found if found.finished_at is not None else None


def weights(home, job, folder):
    pulled = home.still("artifacts", "pull", job, "--out", folder)
    assert pulled.returncode == 0, pulled.stderr
    return (home.folder / folder / "artifacts/safetensors/model.safetensors").read_bytes()


def test_whatever_is_killed_the_job_ends_once_in_the_same_weights(running):
    home = running.home
    added = home.json("data", "add", "data.npz")
    dataset = added["versions"][-1]["ref"]
    whole = submitted(home, dataset, "whole")
    assert home.still("watch", whole).returncode == 0

    job = submitted(home, dataset, "killed")
    for victim in VICTIMS:
        until(lambda: running_trainer(running))
        killed = {pid for pid in running.children() if victim in command_of(pid)}
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        assert wait_until_gone(killed)
    with StillhouseClient(running.facts["url"], key_of(home)) as client:
        over = until(lambda: ended(client, job))
        told = list(client.jobs.events(job))

    assert over.state == "succeeded"
    assert [event.seq for event in told] == list(range(1, len(told) + 1))
    assert [event.type for event in told].count("job.succeeded") == 1
    assert weights(home, whole, "a") == weights(home, job, "b")
    assert running_trainer(running) is None
