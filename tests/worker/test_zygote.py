"""Warm starts: forked from a process that is ready, a trainer is what it would have been cold."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.processes import has_ended, parent_of
from tests.support.small_runs import small_data, small_spec
from worker.mailbox import Mailbox
from worker.station import TRAINER, outside_environment
from worker.trainer_process import TrainerProcess, group_members
from worker.zygote import NotWarm, Zygote

MODEL = "artifacts/safetensors/model.safetensors"
ENDLESS = {"epochs": 100_000, "batch_size": 4}
STATUS = (
    *("Umask", "Uid", "Gid", "Groups", "SigBlk", "SigIgn", "SigCgt", "CapEff", "NoNewPrivs"),
    *("Seccomp", "Cpus_allowed"),
)


@pytest.fixture
def folder(tmp_path):
    small_data(tmp_path / "data.npz")
    write(tmp_path, resources={"device": "cpu", "threads": 2})
    return tmp_path


def write(folder, **changes):
    (folder / "spec.json").write_text(json.dumps(small_spec(**changes)))


@pytest.fixture(scope="module")
def warm():
    """One for all tests that leave it as it was."""
    zygote = Zygote(environment())
    yield begun(zygote)
    zygote.end()


@pytest.fixture
def own():
    """For a test that ends it."""
    code = ["as it was"]
    zygote = Zygote(environment(), lambda: tuple(code))
    yield begun(zygote), code
    zygote.end()


def environment():
    return outside_environment(os.environ)


def begun(zygote):
    zygote.renew()
    wait_for(zygote)
    return zygote


def wait_for(zygote):
    while not zygote.has_settled(1):
        pass


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def start(folder, mailbox):
    def started(zygote, name="run"):
        return TrainerProcess(
            TRAINER,
            [str(folder / "spec.json"), str(folder / name)],
            folder=folder,
            environment=environment(),
            mailbox=mailbox,
            zygote=zygote,
        )

    return started


def code_of(trainer):
    while (code := trainer.wait(1)) is None:
        pass
    return code


def wait_for_training(trainer, mailbox):
    while mailbox.phase != "training":
        assert trainer.wait(0.05) is None


def test_its_trainers_end_in_the_bits_of_a_cold_one(warm, start, folder):
    parents = []
    for name, zygote in (("cold", None), ("first", warm), ("second", warm)):
        with start(zygote, name) as trainer:
            parents.append(parent_of(trainer.pid))
            assert code_of(trainer) == 0
    cold, first, second = (folder / name / MODEL for name in ("cold", "first", "second"))

    assert cold.read_bytes() == first.read_bytes() == second.read_bytes()
    assert os.getpid() == parents[0]
    assert parents[1] == parents[2] != os.getpid()


def test_its_trainers_are_as_quiet_as_a_cold_one(warm, start, mailbox):
    with start(warm) as trainer:
        code_of(trainer)

    assert [] == mailbox.take().lines


def test_a_trainer_leads_a_session_and_is_listed_by_what_it_does(warm, start, folder):
    write(folder, recipe=ENDLESS)
    with start(warm) as trainer:
        shown = Path(f"/proc/{trainer.pid}/cmdline").read_bytes().split(b"\0")
        session = os.getsid(trainer.pid)
        zygote = parent_of(trainer.pid)

    assert [b"-m", b"kd_core.process", os.fsencode(folder / "spec.json")] == shown[1:4]
    assert trainer.pid == session
    assert os.getsid(zygote) == zygote
    assert [] == group_members(trainer.pid)


def test_a_forked_trainer_may_and_may_not_do_what_a_cold_one_does(warm, start, folder, mailbox):
    write(folder, recipe=ENDLESS)
    lived = []
    for name, zygote in (("cold", None), ("warm", warm)):
        with start(zygote, name) as trainer:
            wait_for_training(trainer, mailbox)
            lived.append(circumstances(trainer.pid))
        mailbox.phase = ""

    assert lived[0] == lived[1]


def circumstances(pid):
    process = Path(f"/proc/{pid}")
    told = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    return {
        **{name: told[name] for name in STATUS},
        **{name: (process / name).read_text() for name in ("limits", "cgroup", "oom_score_adj")},
        "environment": sorted((process / "environ").read_bytes().split(b"\0")),
        "namespaces": sorted(entry.readlink() for entry in (process / "ns").iterdir()),
        "folder": (process / "cwd").readlink(),
        "stdin": (process / "fd/0").readlink(),
        "priority": os.getpriority(os.PRIO_PROCESS, pid),
    }


def test_a_zygote_sees_no_secret_and_holds_nothing_of_its_parent(
    folder, start, mailbox, monkeypatch
):
    monkeypatch.setenv("STILLHOUSE_DATABASE_URL", "postgresql://user:secret@host/db")
    write(folder, recipe=ENDLESS)
    with (folder / "data.npz").open("rb") as held:
        os.set_inheritable(held.fileno(), True)
        zygote = begun(Zygote(environment()))
        with start(zygote) as trainer:
            wait_for_training(trainer, mailbox)
            kept = [open_files(pid) for pid in (trainer.pid, parent_of(trainer.pid))]
            seen = Path(f"/proc/{parent_of(trainer.pid)}/environ").read_bytes()
        zygote.end()

    assert b"STILLHOUSE" not in seen
    assert not [file for files in kept for file in files if file.endswith("data.npz")]
    assert 1 == sum(file.startswith("socket:") for file in kept[1])
    assert 0 == sum(file.startswith("socket:") for file in kept[0])


def open_files(pid):
    return [str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()]


def test_a_refusal_and_a_signal_end_it_as_they_end_a_cold_one(warm, start, folder, mailbox):
    write(folder, loss="pdl")
    with start(warm, "refused") as trainer:
        refused = code_of(trainer)
    write(folder, recipe=ENDLESS)
    with start(warm, "killed") as trainer:
        wait_for_training(trainer, mailbox)
        trainer.ask_to_stop()
        stopped = code_of(trainer)

    assert (6, 130) == (refused, stopped)
    assert "unknown_loss" == mailbox.failed.code


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGUSR2])
def test_of_a_trainer_that_is_killed_the_signal_is_told(warm, start, folder, mailbox, number):
    write(folder, recipe=ENDLESS)
    with start(warm) as trainer:
        wait_for_training(trainer, mailbox)
        os.kill(trainer.pid, number)

        assert -number == code_of(trainer)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_when_it_does_not_answer_the_trainer_starts_cold(own, start, number):
    zygote, _ = own
    with start(zygote, "before") as trainer:
        parent = parent_of(trainer.pid)
        code_of(trainer)
    os.kill(parent, number)
    with start(zygote, "after") as trainer:
        assert os.getpid() == parent_of(trainer.pid)
        assert 0 == code_of(trainer)
    assert has_ended(parent)


def test_when_it_is_killed_its_trainer_dies_and_the_next_one_has_another(own, start, folder):
    zygote, _ = own
    write(folder, recipe=ENDLESS)
    with start(zygote, "orphan") as trainer:
        parent = parent_of(trainer.pid)
        os.kill(parent, signal.SIGKILL)
        assert -signal.SIGKILL == code_of(trainer)
        assert has_ended(trainer.pid)
    begun(zygote)
    with start(zygote, "next") as trainer:
        assert parent_of(trainer.pid) not in {parent, os.getpid()}


def test_one_of_older_code_is_replaced(own, start):
    zygote, code = own
    with start(zygote, "before") as trainer:
        before = parent_of(trainer.pid)
    zygote.renew()
    with start(zygote, "still") as trainer:
        still = parent_of(trainer.pid)
    code[:] = ["changed"]
    begun(zygote)
    with start(zygote, "after") as trainer:
        after = parent_of(trainer.pid)

    assert before == still
    assert after not in {before, os.getpid()}
    assert has_ended(before)


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("torch", "raise ImportError('no torch today')"),
        ("sitecustomize", "import threading; threading.Timer(1000, print).start()"),
    ],
)
def test_where_none_can_be_forked_trainers_start_cold(start, tmp_path, module, code):
    """Because importing fails, or because it has left a thread, which a fork would lose."""
    first = tmp_path / "first"
    first.mkdir()
    (first / f"{module}.py").write_text(code)
    zygote = begun(Zygote(environment() | {"PYTHONPATH": str(first)}))
    with start(zygote) as trainer:
        parent = parent_of(trainer.pid)
        code = code_of(trainer)
    zygote.end()

    assert (os.getpid(), 0) == (parent, code)


def test_one_that_was_never_begun_says_that_it_is_not_warm(folder):
    with pytest.raises(NotWarm, match="did not start"):
        Zygote(environment()).fork([], folder, {}, None)


PARENT = """
import os, sys, time
from pathlib import Path
from worker.mailbox import Mailbox
from worker.station import outside_environment
from worker.trainer_process import TrainerProcess
from worker.zygote import Zygote
environment = outside_environment(os.environ)
zygote = Zygote(environment)
zygote.renew()
while not zygote.has_settled(1): pass
folder = Path(sys.argv[1])
arguments = [str(folder / "spec.json"), str(folder / "run")]
mailbox = Mailbox()
trainer = TrainerProcess(["false"], arguments, folder=folder, environment=environment,
                         mailbox=mailbox, zygote=zygote)
while mailbox.phase != "training":
    trainer.wait(0.05)
print(trainer.pid, flush=True)
time.sleep(1000)
"""


def test_zygote_and_trainer_die_with_the_supervisor(folder):
    write(folder, recipe=ENDLESS)
    with subprocess.Popen([sys.executable, "-c", PARENT, folder], stdout=subprocess.PIPE) as parent:
        trainer = int(parent.stdout.readline())
        zygote = parent_of(trainer)
        parent.kill()
        began = time.monotonic()

    assert has_ended(trainer)
    assert has_ended(zygote)
    assert time.monotonic() - began < 10
