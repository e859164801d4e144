"""Torch files are converted in a process that has no network, no files, and no rights."""

from __future__ import annotations

import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch

from kd_core.errors import ModelInvalid
from kd_core.models import convert, sandbox
from kd_core.models.sandbox import SandboxLimits, convert_torch_checkpoint, sandbox_status
from kd_core.models.weights import read_weights

REPOSITORY = Path(sandbox.__file__).parents[2]
POINTER = "/teacher/checkpoint"

PRELUDE = """
import json, os, signal, socket, sys
sys.path.insert(0, sys.argv[1])
from kd_core.models import convert

def outcome(attempt):
    try:
        attempt()
    except OSError as error:
        return type(error).__name__ + ": " + error.strerror
    except convert.Refused as refused:
        return refused.outcome
    return "it worked"

def confine():
    order = {"parent": os.getppid(), "room": sys.argv[2], "answer": 1}
    convert.confine(order | {"cpu_s": 60, "output_bytes": 10**6, "memory_bytes": 2**30})
"""


class Calls:
    """Pickles to a call of `function`."""

    def __init__(self, function, *arguments) -> None:
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


@pytest.fixture
def room(tmp_path) -> Path:
    folder = tmp_path / "room"
    folder.mkdir()
    return folder


def said_by(script: str, *arguments: object):
    """What a fresh interpreter prints, as JSON."""
    command = [sys.executable, "-I", "-c", PRELUDE + script, str(REPOSITORY)]
    done = subprocess.run([*command, *map(str, arguments)], capture_output=True, check=True)
    return json.loads(done.stdout)


def torch_file(folder, value, **how) -> Path:
    path = folder / "teacher.pt"
    torch.save(value, path, **how)
    return path


def tensors_in(path) -> dict[str, torch.Tensor]:
    scratch = path.parent / "scratch"
    weights = read_weights(path, pointer=POINTER, scratch=scratch)
    assert not list(scratch.iterdir())
    return weights.tensors


def refusal(path, limits=SandboxLimits()):  # noqa: B008 - frozen
    target = path.parent / "target" / "model.safetensors"
    target.parent.mkdir()
    with pytest.raises(ModelInvalid) as caught:
        convert_torch_checkpoint(path, target, pointer=POINTER, limits=limits)
    (problem,) = caught.value.problems
    assert (problem.pointer, problem.file) == (POINTER, str(path))
    assert not list(target.parent.iterdir())
    return problem


class TestTheLocks:
    def test_this_machine_can_close_them(self):
        status = sandbox_status()

        assert status.available, status.reason
        assert torch.__version__.split("+")[0] in status.reason

    def test_a_server_on_this_machine_cannot_be_reached_any_more(self, room):
        with socket.create_server(("127.0.0.1", 0)) as server:
            answer = said_by(
                """
address = ("127.0.0.1", int(sys.argv[3]))
before = outcome(lambda: socket.create_connection(address))
convert.isolate(os.getppid())
print(json.dumps([before, outcome(lambda: socket.create_connection(address))]))
""",
                room,
                server.getsockname()[1],
            )

        assert answer == ["it worked", "OSError: Network is unreachable"]

    def test_nothing_is_left_that_could_do_harm(self, room):
        answer = said_by(
            """
convert.isolate(os.getppid())
confine()
print(json.dumps({
    "a file": outcome(lambda: open("/etc/passwd")),
    "a folder of the machine": outcome(lambda: os.stat("/etc")),
    "a socket": outcome(socket.socket),
    "a process": outcome(os.fork),
    "another sandbox": outcome(lambda: convert.isolate(os.getppid())),
    "root": 0 in (*os.getresuid(), *os.getresgid(), *os.getgroups()),
}))
""",
            room,
        )

        assert answer == {
            "a file": "OSError: Too many open files",
            "a folder of the machine": "FileNotFoundError: No such file or directory",
            "a socket": "OSError: Too many open files",
            "a process": "BlockingIOError: Resource temporarily unavailable",
            "another sandbox": "unavailable",
            "root": False,
        }

    def test_the_process_ends_with_the_one_that_waits_for_it(self, room):
        child = PRELUDE + (
            "convert.isolate(os.getppid()); confine(); os.write(1, b'locked\\n'); signal.pause()"
        )
        parent = "import subprocess, sys; subprocess.run(sys.argv[1:])"
        command = [sys.executable, "-I", "-c"]
        with subprocess.Popen(
            [*command, parent, *command, child, str(REPOSITORY), str(room)],
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            locked = process.stdout.readline()
            process.kill()
            # The pipe ends when the last process that could write to it is gone.
            rest = process.stdout.read()

        assert (locked, rest) == (b"locked\n", b"")

    def test_a_torch_that_can_be_tricked_is_not_used(self):
        versions = ["1.13.1", "2.9.1+cu128", "2.10.0", "2.15.0+cpu", "3.0.0a0+git1"]

        assert [convert.is_safe(version) for version in versions] == [False] * 2 + [True] * 3


class TestWhatIsConverted:
    def test_every_plain_tensor_comes_out_as_it_went_in(self, tmp_path):
        shared = torch.randn(3, 2)
        state = {
            "weight": torch.nn.Parameter(torch.randn(4, 3)),
            "half": torch.randn(5).bfloat16(),
            "tied.a": shared,
            "tied.b": shared,
            "turned": torch.randn(6, 5).t(),
            "part": torch.arange(10)[3:6],
            "count": torch.tensor(7),
            "mask": torch.tensor([True, False]),
            "none": torch.zeros(0, 3),
        }
        found = tensors_in(torch_file(tmp_path, state))

        assert found.keys() == state.keys()
        for name, tensor in state.items():
            torch.testing.assert_close(found[name], tensor.detach(), rtol=0, atol=0)

    def test_the_old_format_of_torch_is_read_too(self, tmp_path):
        state = torch.nn.Linear(3, 2).state_dict()
        found = tensors_in(torch_file(tmp_path, state, _use_new_zipfile_serialization=False))

        assert torch.equal(found["weight"], state["weight"])


class TestWhatIsRefused:
    def test_a_pickle_that_would_write_writes_nothing(self, tmp_path):
        made = tmp_path / "made"
        path = torch_file(tmp_path, {"weight": Calls(os.mkdir, str(made))})
        problem = refusal(path)

        assert problem.code == "checkpoint_is_code"
        assert "asks to run posix.mkdir: it is code, not weights" in problem.message
        assert not made.exists()
        torch.load(path, weights_only=False)
        assert made.exists()  # the checkpoint is what it claims to be

    def test_a_pickle_that_would_call_home_reaches_nobody(self, tmp_path):
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(0)
            call = Calls(socket.create_connection, server.getsockname())
            problem = refusal(torch_file(tmp_path, {"weight": call}))

            assert "asks to run socket.create_connection" in problem.message
            with pytest.raises(BlockingIOError):
                server.accept()

    @pytest.mark.parametrize(
        ("value", "code", "words"),
        [
            (
                {"weights": {"weight": torch.zeros(2)}, "epoch": 3},
                "checkpoint_not_weights",
                "it holds 'weights', 'epoch'",
            ),
            (
                torch.nn.Linear(2, 2),
                "checkpoint_is_code",
                "asks to run torch.nn.modules.linear.Linear",
            ),
            ([torch.zeros(2)], "checkpoint_not_weights", "holds a list, not a state dict"),
            (
                {"weight": torch.eye(3).to_sparse()},
                "checkpoint_not_weights",
                "'weight' (torch.sparse_coo, cpu)",
            ),
            (
                {"weight": torch.zeros(1).expand(10**12)},
                "checkpoint_too_large",
                "unpacks into 4000000000000 bytes",
            ),
        ],
        ids=["an unknown wrapper", "a module", "a list", "a sparse tensor", "a claim of terabytes"],
    )
    def test_what_is_no_state_dict_is_named(self, tmp_path, value, code, words):
        problem = refusal(torch_file(tmp_path, value))

        assert problem.code == code
        assert words in problem.message
        assert "save" in problem.hint

    def test_a_small_file_that_unpacks_to_a_large_one_runs_out_of_memory(self, tmp_path):
        path = torch_file(tmp_path, {"weight": torch.zeros(2**25)})
        with zipfile.ZipFile(path) as plain:
            records = {name: plain.read(name) for name in plain.namelist()}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, data in records.items():
                packed.writestr(name, data)
        problem = refusal(path, SandboxLimits(spare_memory_bytes=2**26))

        assert "more memory than a file of its size can need" in problem.message

    def test_a_pickle_of_something_else_is_refused(self, tmp_path):
        path = tmp_path / "teacher.pt"
        path.write_bytes(pickle.dumps({"weight": [1.0, 2.0]}))

        assert "torch.save did not write" in refusal(path).message

    def test_a_checkpoint_that_is_not_there_is_refused(self, tmp_path):
        assert "No such file" in refusal(tmp_path / "teacher.pt").message

    def test_what_takes_too_long_is_ended(self, tmp_path):
        path = torch_file(tmp_path, {"weight": torch.zeros(2)})

        assert "within 0.01 seconds" in refusal(path, SandboxLimits(wall_s=0.01)).message


class TestTheAnswer:
    @pytest.mark.parametrize(
        ("said", "status", "words"),
        [
            (b"", -signal.SIGSEGV, "crashed (Segmentation fault)"),
            (b"", -signal.SIGRTMIN - 2, "crashed (Real-time signal"),
            (b"", -signal.SIGKILL, "for want of memory"),
            (b"", -signal.SIGXCPU, "not read within its CPU time"),
            (b"", 1, "crashed (exit status 1)"),
            (b"[" * 10_000, 0, "crashed"),
            (b'{"outcome": "done", "detail": ""}', 1, "crashed"),
            (b'{"outcome": "splendid", "detail": ""}', 0, "crashed"),
            (b'{"outcome": ["code"], "detail": ""}', 0, "crashed"),
            (b'{"outcome": "code", "detail": "\\u001b[2Jx{y}"}', 0, "asks to run [2Jx{y}:"),
            (b'{"outcome": "unavailable", "detail": "unshare"}', 0, "none here: unshare"),
            (b'{"outcome": "old_torch", "detail": "2.9.1"}', 0, "torch 2.9.1 cannot read"),
        ],
    )
    def test_of_any_kind_becomes_one_sentence(self, said, status, words):
        answer = sandbox._read(said, status)
        (problem,) = sandbox._refusal(answer, Path("teacher.pt"), POINTER).problems

        assert words in problem.message
        assert problem.message.isprintable()
