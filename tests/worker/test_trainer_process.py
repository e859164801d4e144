"""The trainer's process is heard whatever it does, and ends with all that it has started."""

import os
import signal
import sys

import pytest

from stillhouse.domain.events import Stream
from worker.listener import Ear
from worker.mailbox import Mailbox
from worker.station import outside_environment
from worker.trainer_process import TrainerProcess, group_members

HEAD = """
import json, os, signal, subprocess, sys, time
events = int(sys.argv[sys.argv.index("--events-fd") + 1])
def tell(kind, **data):
    line = {"type": kind, "at": "2027-01-01T00:00:00Z", "data": data}
    os.write(events, json.dumps(line).encode() + b"\\n")
"""


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def start(tmp_path, mailbox):
    def started(program, **environment):
        return TrainerProcess(
            [sys.executable, "-c", HEAD + program],
            folder=tmp_path,
            environment=outside_environment(os.environ) | environment,
            mailbox=mailbox,
        )

    return started


def test_everything_it_said_is_heard_when_it_has_ended(start, mailbox):
    with start("tell('job.phase_changed', phase='training'); print('out'); sys.exit('err')") as it:
        code = it.wait(30)
    batch = mailbox.take()

    assert 1 == code
    assert ["training"] == [event.data["phase"] for event in batch.events]
    assert {(Stream.STDOUT, "out"), (Stream.STDERR, "err")} == {
        (line.stream, line.text) for line in batch.lines
    }


def test_a_flood_holds_nobody_up(start, mailbox):
    flood = "for _ in range(200_000): print('x' * 200)\ntell('job.phase_changed', phase='training')"
    with start(flood) as it:
        code = it.wait(60)

    assert 0 == code
    assert 1 == sum(event.type == "job.phase_changed" for event in mailbox.take().events)


def test_it_has_a_session_of_its_own_and_sees_no_secret(start, mailbox, monkeypatch):
    monkeypatch.setenv("STILLHOUSE_DATABASE_URL", "postgresql://user:secret@host/db")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    program = "print(os.getsid(0) == os.getpid(), *sorted(os.environ))"
    with start(program) as it:
        it.wait(30)
    (line,) = mailbox.take().lines
    alone, *names = line.text.split()

    assert "True" == alone
    assert not [name for name in names if name.startswith("STILLHOUSE")]
    assert {"CUDA_VISIBLE_DEVICES", "OMP_WAIT_POLICY", "PATH"} <= set(names)


CHILD = "subprocess.Popen(['sleep', '1000'], pass_fds=[events]); "


def test_its_children_end_with_it_and_an_open_pipe_holds_nobody_up(start):
    with start(CHILD) as it:
        assert 0 == it.wait(30)
        assert 1 == len(group_members(it.pid))

    assert [] == group_members(it.pid)


def test_it_is_asked_first_and_killed_when_it_does_not_listen(start, mailbox):
    deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True)\n"
    with start(f"{deaf}time.sleep(1000)") as it:
        while not mailbox.last_words:
            assert it.wait(0.05) is None
        it.ask_to_stop()
        assert it.wait(0.3) is None
        it.kill()
        assert -signal.SIGKILL == it.wait(10)


def test_lines_are_cut_as_they_were_meant_however_they_arrive():
    heard = []
    ear = Ear(open(os.devnull, "rb"), heard.append, longest=10)  # noqa: PTH123, SIM115
    for chunk in (b"on", b"e\ntwo\nth", b"ree", b"\n", b"x" * 30, b"y\nlast"):
        ear.take(chunk)
    ear.close()

    assert [b"one", b"two", b"three", b"x" * 10, b"last"] == heard
