"""Where the time of an attempt went, and what a killed one leaves."""

from datetime import UTC, datetime

import pytest

from kd_core.events import (
    CheckpointSaved,
    PhaseChanged,
    Progress,
    RunStarted,
    RunStopped,
    RunSucceeded,
)
from kd_core.provenance.logbook import Logbook, read

AT = datetime(2027, 1, 1, tzinfo=UTC)
STARTED = RunStarted(name="n", fingerprint="0", device="cpu", threads=1)
PROGRESS = Progress(phase="training", epoch=1, epochs=1, step=1, total_steps=2, eta_s=None)
SAVED = CheckpointSaved(phase="training", step=1, path="x", sha256="0", bytes=1)


class Clock:
    def __init__(self):
        self.seconds = 100.0

    def now(self):
        return AT

    def monotonic(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


def hear(path, clock, *times):
    logbook = Logbook(path, clock)
    for after, payload in times:
        clock.seconds += after
        logbook.hear(payload, AT)


def test_each_second_belongs_to_the_phase_that_it_passed_in(tmp_path, clock):
    path = tmp_path / "attempts.json"
    packing, training = PhaseChanged(phase="packaging"), PhaseChanged(phase="training")
    hear(
        path,
        clock,
        (0, STARTED),
        (1, training),
        (5, SAVED),
        (2, packing),
        (3, RunSucceeded(top1=0.5, verdict="passed")),
    )
    (made,) = read(path).attempts

    assert {"training": 7, "packaging": 3} == made.phases
    assert (11, "succeeded", AT) == (made.seconds, made.ended, made.started_at)
    assert made.energy_j is None


def test_an_attempt_that_was_killed_is_counted_up_to_its_last_checkpoint(tmp_path, clock):
    path = tmp_path / "attempts.json"
    training = PhaseChanged(phase="training")
    hear(path, clock, (0, STARTED), (1, training), (5, SAVED), (40, PROGRESS))
    hear(path, clock, (0, STARTED), (2, training), (3, RunStopped(phase="training")))
    killed, stopped = read(path).attempts

    assert (6, {"training": 5}, None) == (killed.seconds, killed.phases, killed.ended)
    assert (5, {"training": 3}, "stopped") == (stopped.seconds, stopped.phases, stopped.ended)


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b'{"attempts": 3}'])
def test_a_damaged_file_is_no_reason_to_fail(tmp_path, clock, damaged):
    path = tmp_path / "attempts.json"
    path.write_bytes(damaged)
    hear(path, clock, (0, STARTED), (1, RunStopped(phase="validating")))

    assert 1 == len(read(path).attempts)


def test_a_run_that_never_began_leaves_none(tmp_path, clock):
    hear(tmp_path / "attempts.json", clock, (1, RunStopped(phase="validating")))

    assert not (tmp_path / "attempts.json").exists()
