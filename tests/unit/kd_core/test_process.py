"""The science in a process of its own: events by the pipe, gone with its parent."""

import json
import os
import signal
import subprocess
import sys

import pytest
import yaml

from kd_core.process import FAILED, REFUSED, STOPPED, SUCCEEDED
from tests.support.processes import has_ended
from tests.support.small_runs import small_data, small_spec

TRAINER = [sys.executable, "-m", "kd_core.process"]


class Process:
    """One trainer with the reading end of its pipe."""

    def __init__(self, folder, *arguments):
        reading, writing = os.pipe()
        self.running = subprocess.Popen(
            [
                *TRAINER,
                folder / "spec.json",
                folder / "work",
                "--events-fd",
                str(writing),
                *arguments,
            ],
            pass_fds=[writing],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        os.close(writing)
        self.events = os.fdopen(reading)

    def next(self, kind):
        return next(event for event in map(json.loads, self.events) if event["type"] == kind)

    def end(self):
        events = [json.loads(line) for line in self.events]
        printed, said = self.running.communicate(timeout=60)
        self.events.close()
        return self.running.returncode, events, printed, said


@pytest.fixture
def folder(tmp_path):
    write(tmp_path)
    small_data(tmp_path / "data.npz", count=100)
    return tmp_path


def write(folder, **changes):
    (folder / "spec.json").write_text(yaml.safe_dump(small_spec(**changes)))


def test_events_leave_by_the_pipe_and_nothing_by_stdout(folder):
    code, events, printed, _ = Process(folder).end()

    assert code == SUCCEEDED
    assert events[-1]["type"] == "job.succeeded"
    assert printed == ""


def test_it_keeps_decoded_images_where_it_is_told(folder):
    told = ["--cache-dir", str(folder / "cache"), "--cache-bytes", "10000000"]
    code, *_ = Process(folder, *told).end()

    assert code == SUCCEEDED
    assert 2 == len(list((folder / "cache").glob("*.images")))


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [({"loss": "pdl"}, "/loss"), ({"data": {"dataset": "file:none.npz"}}, "/data/dataset")],
)
def test_a_refusal_is_the_last_event_wherever_it_happens(folder, changes, pointer):
    write(folder, **changes)
    code, events, _, _ = Process(folder).end()

    assert code == REFUSED
    assert ("job.failed", pointer) == (events[-1]["type"], events[-1]["data"]["pointer"])
    assert 1 == sum(event["type"] == "job.failed" for event in events)


def test_a_run_that_diverges_has_failed(folder):
    sgd = {"kind": "sgd", "lr": 100.0, "momentum": 0.99}
    write(folder, recipe={"epochs": 20, "batch_size": 4, "optimizer": sgd})
    code, events, _, _ = Process(folder).end()

    assert code == FAILED
    assert "diverged" == events[-1]["data"]["code"]


def test_sigterm_ends_it_with_a_checkpoint_and_it_goes_on_from_there(folder):
    write(folder, recipe={"epochs": 50, "batch_size": 4, "checkpoint_every_s": 86400})
    process = Process(folder)
    process.next("job.metrics")
    process.running.send_signal(signal.SIGTERM)
    code, events, _, _ = process.end()

    assert code == STOPPED
    assert ["job.checkpoint_saved", "job.stopped"] == [event["type"] for event in events[-2:]]

    again = Process(folder)
    assert again.next("job.resumed")["data"]["step"] > 0
    again.running.kill()
    again.end()


def test_asked_where_it_stands_it_says_so_and_goes_on(folder):
    write(folder, recipe={"epochs": 50, "batch_size": 4})
    process = Process(folder)
    process.next("job.metrics")
    process.running.send_signal(signal.SIGUSR1)
    code, _, _, said = process.end()

    assert code == SUCCEEDED
    assert "trainer.py" in said


PARENT = """
import os, subprocess, sys
child = subprocess.Popen(sys.argv[1:] + ["--parent-pid", str(os.getpid())], pass_fds=[1])
print(child.pid, flush=True)
child.wait()
"""


def test_it_dies_with_its_parent(folder):
    write(folder, recipe={"epochs": 100_000, "batch_size": 4})
    trainer = [*TRAINER, folder / "spec.json", folder / "work"]
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, *trainer, "--events-fd", "1"],
        stdout=subprocess.PIPE,
        text=True,
    )
    child = int(parent.stdout.readline())
    next(line for line in parent.stdout if "job.metrics" in line)
    parent.kill()
    parent.wait()
    parent.stdout.read()  # ends when the last holder of the pipe is gone: the child
    parent.stdout.close()

    assert has_ended(child)


def test_a_parent_that_is_gone_already_is_noticed(folder):
    code, events, _, _ = Process(folder, "--parent-pid", "1").end()

    assert (FAILED, []) == (code, events)
