"""The client and the command against the real server: everything once, in few requests."""

import json
import os
import signal
import threading
import time

import pytest
import yaml

from stillhouse.cli.main import answer
from stillhouse.client import StillhouseClient
from stillhouse.domain.events import EventType, MetricPoint, NewEvent
from tests.support.service import document

STEPS = 6
WITHIN_S = 60


def reports():
    """What a small training says, batch by batch."""
    yield [NewEvent(EventType.PHASE_CHANGED, {"phase": "training"})], []
    for step in range(1, STEPS + 1):
        data = {"phase": "training", "step": step, "total_steps": STEPS}
        points = [MetricPoint("val/top1", step, step / 10, epoch=step)]
        yield [NewEvent(EventType.PROGRESS, data)], points
    yield [NewEvent(EventType.PHASE_CHANGED, {"phase": "evaluating"})], []


class Work(threading.Thread):
    """Takes the next job and brings it to its end, while somebody watches."""

    def __init__(self, world):
        super().__init__(daemon=True)
        self.world = world
        self.worker = world.worker().id

    def run(self):
        deadline = time.monotonic() + WITHIN_S
        while (claim := self.world.claim(self.worker)) is None:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        with self.world.work() as uow:
            uow.attempts.start(claim.token)
        for batch, (events, points) in enumerate(reports(), start=1):
            with self.world.work() as uow:
                uow.attempts.report(claim.token, batch, events=events, points=points)
        with self.world.work() as uow:
            uow.attempts.succeed(claim.token, "not_evaluated")


class Follower(threading.Thread):
    """Follows a job in the background, and keeps what it heard."""

    def __init__(self, api_process, job_id):
        super().__init__(daemon=True)
        self.url, self.key, self.job_id = str(api_process.client.base_url), api_process.key, job_id
        self.events, self.epochs = [], []

    def run(self):
        with StillhouseClient(self.url, self.key) as client:
            for sighting in client.follow(self.job_id):
                self.events += sighting.events
                self.epochs += sighting.epochs
        self.state = sighting.job.state


def answered(api_process):
    api_process.client.get("/livez")  # once this is answered, all before it is in the log
    return [line["path"] for line in api_process.lines() if line["event"] == "request.answered"]


def job_requests(api_process):
    return [path for path in answered(api_process) if path.startswith("/v1/jobs")]


@pytest.fixture
def logged_in(monkeypatch, tmp_path, api_process):
    monkeypatch.setenv("STILLHOUSE_URL", str(api_process.client.base_url))
    monkeypatch.setenv("STILLHOUSE_API_KEY", api_process.key)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def test_a_client_hears_everything_once_across_a_restart(api_process, world):
    token = world.running()
    follower = Follower(api_process, token.job_id)
    follower.start()
    first, *rest = enumerate(reports(), start=1)

    def report(batch, events, points):
        with world.work() as uow:
            uow.attempts.report(token, batch, events=events, points=points)

    report(first[0], *first[1])
    deadline = time.monotonic() + WITHIN_S
    while len(follower.events) < len(world.event_log(token.job_id)):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(api_process.process.pid, signal.SIGKILL)
    api_process.process.wait()
    for batch, said in rest:
        report(batch, *said)
    # By the thread of the test: a process ends with the thread that started it.
    api_process.start()
    with world.work() as uow:
        uow.attempts.succeed(token, "not_evaluated")
    follower.join(WITHIN_S)

    assert world.event_log(token.job_id) == [(one.seq, one.type) for one in follower.events]
    assert [*range(1, STEPS + 1)] == [epoch.number for epoch in follower.epochs]
    assert "succeeded" == follower.state


@pytest.mark.usefixtures("logged_in")
def test_watching_a_job_takes_one_stream(api_process, world, capsys):
    job_id = world.submit().id
    work = Work(world)
    work.start()
    code = answer(["watch", job_id, "--json"])
    work.join(WITHIN_S)
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert 0 == code
    assert world.event_log(job_id) == [(event["seq"], event["type"]) for event in printed]
    job = "/v1/jobs/{job_id}"
    assert [job, f"{job}/events", job] == job_requests(api_process)


@pytest.mark.usefixtures("logged_in")
def test_epochs_are_shown_for_two_more_questions(api_process, world, capsys):
    job_id = world.submit().id
    work = Work(world)
    work.start()
    answer(["watch", job_id])
    work.join(WITHIN_S)
    printed = capsys.readouterr().out.splitlines()

    assert [f"  epoch {n}  top-1 {n * 10:.1f}%" for n in range(1, STEPS + 1)] == [
        line for line in printed if "epoch" in line
    ]
    assert "training student" in printed
    assert job_requests(api_process).count("/v1/jobs/{job_id}/metrics") <= 3


@pytest.mark.usefixtures("logged_in")
def test_waiting_for_a_job_takes_one_patient_question(api_process, world, tmp_path, capsys):
    spec = tmp_path / "spec.yaml"
    spec.write_text(yaml.safe_dump(document()))
    work = Work(world)
    work.start()
    code = answer(["submit", str(spec), "--wait", "--json"])
    work.join(WITHIN_S)

    assert (0, "succeeded") == (code, json.loads(capsys.readouterr().out)["state"])
    job = "/v1/jobs/{job_id}"
    assert ["/v1/jobs", f"{job}/verdict", job] == job_requests(api_process)
