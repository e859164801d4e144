"""Attempts with trainers that misbehave as asked: what the job is told, and what is left."""

import sys
import threading
from dataclasses import replace

import pytest
import structlog

from stillhouse.domain.cause import Cause
from stillhouse.domain.job import State
from tests.support.service import TENANT, document, job_spec
from worker.station import Station
from worker.supervisor import claim_next

HEAD = """
import json, os, pathlib, signal, sys, time
_, spec, run, *options = sys.argv
run = pathlib.Path(run)
events = int(options[options.index("--events-fd") + 1])
def tell(kind, **data):
    line = {"type": kind, "at": "2027-01-01T00:00:00Z", "data": data}
    os.write(events, json.dumps(line).encode() + b"\\n")
tell("job.started", name="n", fingerprint="f", device="cpu", threads=1)
tell("job.phase_changed", phase="training")
"""
SAVE = """
folder = run / "checkpoints/training"
folder.mkdir(parents=True, exist_ok=True)
def save(step):
    (folder / f"step-{step}.pt").write_text(str(step))
    (folder / f"step-{step}.json").write_text("{}")
    path = f"checkpoints/training/step-{step}.pt"
    tell("job.checkpoint_saved", phase="training", step=step, path=path, sha256="0" * 64, bytes=1)
"""
DIE = "os.kill(os.getpid(), signal.SIGKILL)\n"
DEAF = """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGUSR1, lambda *_: print("here I stand", flush=True))
"""
LINGER = "time.sleep(1000)\n"


@pytest.fixture
def station_with(service):
    made = []

    def station(program):
        worker = service.worker()
        trainer = [sys.executable, "-I", "-S", "-c", HEAD + program]
        made.append(Station.of(service.settings, worker.id, ["cpu"], trainer))
        return made[-1]

    yield station
    for one in made:
        one.sessions.kw["bind"].dispose()


def attempt(station):
    claim_next(station).run()


def test_a_crash_is_told_by_its_last_words_and_not_tried_again(service, station_with):
    job = service.submit()
    attempt(station_with("raise KeyError('/srv/secret/head')"))
    failed = service.job(job.id)
    with service.work() as uow:
        log = [line.text for line in uow.logs.tail(TENANT, job.id)]

    assert (State.FAILED, 1) == (failed.state, failed.attempt)
    assert ("internal", "trainer_crashed") == (failed.failure["class"], failed.failure["code"])
    assert "the trainer crashed: KeyError: 'head'" == failed.failure["message"]
    assert ("training", 1) == (failed.failure["phase"], failed.failure["attempt"])
    assert "Traceback" in log[0]


def test_a_trainer_is_told_where_the_machine_keeps_decoded_images(service, station_with):
    job = service.submit()
    attempt(station_with("print(sys.argv[3:7], flush=True)\n" + DIE))
    with service.work() as uow:
        (line,) = uow.logs.tail(TENANT, job.id)
    told = ["--cache-dir", str(service.settings.cache), "--cache-bytes", str(20 * 2**30)]

    assert str(told) == line.text


def test_a_job_that_dies_again_and_again_without_progress_fails(service, station_with):
    job = service.submit()
    station = station_with(DIE)
    for _ in range(3):
        attempt(station)
    failed = service.job(job.id)

    assert (State.FAILED, 3, 3) == (failed.state, failed.attempt, failed.deaths)
    assert "trainer_killed" == failed.failure["code"]
    assert claim_next(station) is None


def stalls(station):
    settings = station.settings.model_copy(update={"stall_after_s": 0.5, "checkpoint_grace_s": 1})
    return replace(station, settings=settings)


def test_a_trainer_that_makes_no_step_is_ended_and_the_job_goes_on(service, station_with):
    job = service.submit()
    attempt(stalls(station_with(DEAF + SAVE + "save(10)\n" + LINGER)))
    queued = service.job(job.id)
    (lost,) = [e.data for e in service.events(job.id) if e.type == "job.attempt_lost"]
    with service.work() as uow:
        log = [line.text for line in uow.logs.tail(TENANT, job.id)]

    assert (State.QUEUED, 10) == (queued.state, queued.checkpoint["step"])
    assert ("infra_lost", "trainer_stalled") == (lost["class"], lost["code"])
    assert "training" == lost["phase"]
    assert "STILLHOUSE_STALL_AFTER_S" in lost["hint"]
    assert ["here I stand"] == log


def test_a_job_that_stalls_again_and_again_fails(service, station_with):
    job = service.submit()
    station = stalls(station_with(LINGER))
    for _ in range(3):
        attempt(station)

    assert (State.FAILED, "trainer_stalled") == (
        service.state(job.id),
        service.job(job.id).failure["code"],
    )


def test_a_long_silence_is_no_stall_where_no_steps_are_taken(service, station_with):
    job = service.submit()
    read = "tell('job.phase_changed', phase='preparing_data'); time.sleep(3)\n"
    attempt(stalls(station_with(read + "raise KeyError('head')")))

    assert "trainer_crashed" == service.job(job.id).failure["code"]


def test_what_it_saved_before_it_died_is_where_the_next_attempt_begins(service, station_with):
    job = service.submit()
    attempt(station_with(SAVE + "save(10); save(20)\n" + DIE))
    queued = service.job(job.id)
    attempt(station_with("print(sorted(p.name for p in run.rglob('*.pt')), flush=True)\n" + DIE))
    with service.work() as uow:
        (line,) = uow.logs.tail(TENANT, job.id)

    assert (State.QUEUED, 0, 20) == (queued.state, queued.deaths, queued.checkpoint["step"])
    assert "['step-10.pt', 'step-20.pt']" == line.text


def test_a_snapshot_makes_the_one_before_it_go(service, station_with):
    service.submit()
    for step in (10, 20):
        attempt(station_with(SAVE + f"save({step})\n" + DIE))

    assert 1 == len(list(service.blobs.digests()))


def test_a_damaged_snapshot_means_from_the_start_with_a_warning(service, station_with):
    job = service.submit()
    attempt(station_with(SAVE + "save(10)\n" + DIE))
    service.blobs.delete(service.job(job.id).checkpoint_blob)
    attempt(station_with("print(list(run.iterdir()), flush=True)\n" + DIE))
    warnings = [e.data["code"] for e in service.events(job.id) if e.type == "job.warning"]
    with service.work() as uow:
        (line,) = uow.logs.tail(TENANT, job.id)

    assert ["snapshot_damaged"] == warnings
    assert "[]" == line.text


def test_an_end_without_a_result_is_no_success(service, station_with):
    job = service.submit()
    attempt(station_with("(run / 'report.json').write_text('{}')"))

    assert ("failed", "trainer_crashed") == (
        service.state(job.id),
        service.job(job.id).failure["code"],
    )


@pytest.fixture
def in_background(station_with):
    threads = []

    def begin(program):
        supervision = claim_next(station_with(program))
        threads.append(threading.Thread(target=supervision.run))
        threads[-1].start()
        return threads[-1]

    yield begin
    for thread in threads:
        thread.join(30)


def test_who_has_lost_the_job_ends_its_trainer_and_writes_nothing_more(service, in_background):
    job = service.submit()
    talk = "while True: print('still here', flush=True); time.sleep(0.05)\n"
    thread = in_background(talk)
    service.wait(lambda: service.state(job.id) is State.RUNNING, "the job does not run")
    with service.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE job SET attempt = attempt + 1")
    taken = service.job(job.id)
    thread.join(10)

    assert not thread.is_alive()
    assert [] == service.trainers()
    assert taken.version == service.job(job.id).version
    assert taken.next_log_seq == service.job(job.id).next_log_seq


def test_a_trainer_that_does_not_listen_is_killed_after_its_grace(service, in_background):
    job = service.submit()
    deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    thread = in_background(f"{deaf}tell('job.phase_changed', phase='packaging')\n{LINGER}")
    service.wait(lambda: service.job(job.id).phase == "packaging", "it is not deaf yet")
    with service.work() as uow:
        uow.steering.cancel(TENANT, job.id)
    thread.join(service.settings.cancel_grace_s + 5)

    assert not thread.is_alive()
    assert State.CANCELLED is service.state(job.id)
    assert [] == service.trainers()


def test_a_paused_trainer_is_gone_and_what_it_left_is_saved(service, in_background):
    job = service.submit()
    leave = "signal.signal(signal.SIGTERM, lambda *_: (save(20), sys.exit(130)))\n"
    thread = in_background(f"{SAVE}{leave}save(10)\n{LINGER}")
    service.wait_for_event(job.id, "job.checkpoint_saved")
    with service.work() as uow:
        pausing = uow.steering.pause(TENANT, job.id).job.state
    thread.join(service.settings.checkpoint_grace_s + 5)
    paused = service.job(job.id)

    assert (State.PAUSING, State.PAUSED) == (pausing, paused.state)
    assert (20, None) == (paused.checkpoint["step"], paused.lease_owner)
    assert service.blobs.size(paused.checkpoint_blob) > 0
    assert [] == service.trainers()


def test_a_job_that_is_paused_before_its_trainer_starts_has_none(service, station_with):
    job = service.submit()
    supervision = claim_next(station_with(DIE))
    with service.work() as uow:
        uow.steering.pause(TENANT, job.id)
    supervision.run()
    with service.work() as uow:
        log = uow.logs.tail(TENANT, job.id)

    assert (State.PAUSED, 0, []) == (service.state(job.id), service.job(job.id).deaths, log)


def test_a_database_that_is_busy_for_a_while_ends_nothing(service, in_background):
    job = service.submit()
    thread = in_background("time.sleep(3)\n" + "print('done', flush=True)\n" + DIE)
    service.wait(lambda: service.state(job.id) is State.RUNNING, "the job does not run")
    with service.engine.connect() as connection:  # holds the write lock of SQLite
        connection.exec_driver_sql("UPDATE tenant SET id = id")
        thread.join(2.5)
        connection.rollback()
    thread.join(20)

    assert State.QUEUED is service.state(job.id)
    with service.work() as uow:
        assert ["done"] == [line.text for line in uow.logs.tail(TENANT, job.id)]


def test_the_request_and_the_trace_of_a_job_reach_its_log_and_its_trainer(service, station_with):
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    with service.work() as uow:
        cause = Cause("ci-run-17", trace)
        job = uow.jobs.create(TENANT, job_spec(), document(), cause=cause)
    with structlog.testing.capture_logs([structlog.contextvars.merge_contextvars]) as logged:
        attempt(station_with("print('I am', os.environ['TRACEPARENT'], flush=True)"))
    with service.work() as uow:
        first, *others = [line.text for line in uow.logs.after(TENANT, job.id, limit=10)]

    assert f"asked for by request_id ci-run-17, traceparent {trace}" == first
    assert f"I am {trace}" in others
    assert {("ci-run-17", trace)} == {(one["request_id"], one["traceparent"]) for one in logged}
