"""A process of the service: how it ended is told, its words are kept, and it cannot outlive us."""

import os
import subprocess
import sys

import pytest

from stillhouse.local import child as room
from stillhouse.local.child import Child, Program

FOREVER = "import time; print('up', flush=True); time.sleep(600)"
DEAF = "import signal; signal.signal(15, signal.SIG_IGN); " + FOREVER


@pytest.fixture
def start(tmp_path):
    children = []

    def started(code, **environ):
        command = (sys.executable, "-c", code)
        log = tmp_path / "child.log"
        program = Program("child", command, os.environ | environ, tmp_path, log)
        children.append(Child(program))
        return children[-1]

    yield started
    for child in children:
        child.end()


def wait(child):
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    return child


def speaking(child):
    """Once it has said its first word."""
    while not child.last_words(1):
        assert child.ended() is None
    return child


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_child_that_runs_has_not_ended(start):
    assert start(FOREVER).ended() is None


def test_how_it_ended_is_told(start):
    assert wait(start("raise SystemExit(7)")).ended() == "ended with exit code 7"


def test_who_was_killed_is_told_by_which_signal(start):
    child = speaking(start(FOREVER))
    os.kill(child.pid, 9)

    assert wait(child).ended() == "was killed by SIGKILL"


def test_its_last_words_are_kept(start):
    child = wait(start("import sys; print('one\\n\\ntwo'); print('three', file=sys.stderr)"))

    assert set(child.last_words(9)) == {"one", "two", "three"}
    assert len(child.last_words(2)) == 2


def test_it_stops_when_it_is_asked(start):
    child = speaking(start(FOREVER))
    child.ask_to_stop()

    assert wait(child).ended() == "was killed by SIGTERM"


def test_who_does_not_listen_is_ended(start):
    child = speaking(start(DEAF))
    child.ask_to_stop()
    child.end()

    assert gone(child.pid)


def test_what_it_started_ends_with_it(start):
    code = "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', sys.argv[0]])"
    nested = f"{code.replace('sys.argv[0]', repr(FOREVER))}; print(p.pid, flush=True); p.wait()"
    child = start(nested)
    while not (pids := [w for w in child.last_words(9) if w.isdigit()]):
        assert child.ended() is None
    child.end()

    assert wait_until_gone(int(pids[0]))


def test_it_is_told_its_environment_and_nothing_more(start):
    child = wait(start("import os; print(os.environ['COLOUR'], os.getcwd())", COLOUR="green"))

    assert child.last_words(1)[0].startswith("green ")


def test_a_log_that_has_grown_is_put_aside(start, tmp_path, monkeypatch):
    monkeypatch.setattr(room, "LOG_BYTES", 10)
    (tmp_path / "child.log").write_text("x" * 11)
    wait(start("print('new')"))

    assert (tmp_path / "child.log").read_text() == "new\n"
    assert (tmp_path / "child.log.1").read_text() == "x" * 11


def test_it_dies_with_us(tmp_path):
    code = (
        "import os, sys; from pathlib import Path; from stillhouse.local.child import *;"
        "log = Path(sys.argv[1]) / 'log';"
        f"run = (sys.executable, '-c', {FOREVER!r});"
        "c = Child(Program('c', run, os.environ, log.parent, log));"
        "print(c.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    parent = subprocess.run(
        [sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=False
    )

    assert parent.returncode == -9
    assert wait_until_gone(int(parent.stdout))


def wait_until_gone(pid):
    """Gone, or a zombie that whoever inherited it has not buried yet."""
    for _ in range(10_000):
        if gone(pid):
            return True
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123 - it may vanish while we look
            if file.read().rpartition(")")[2].split()[0] == "Z":
                return True
    return False
