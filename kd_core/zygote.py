"""A process that has imported everything and run nothing: `python -m kd_core.zygote`.

Asked over a socket, it forks: the child is the trainer that `python -m kd_core.process` would have
become seconds later, in a session of its own. The zygote dies with its parent, a trainer with its
zygote. Who asks: `worker/zygote.py`.
"""

from __future__ import annotations

import argparse
import atexit
import gc
import importlib
import json
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kd_core import process
from kd_core.command_line import show_as
from kd_core.process import FAILED, SUCCEEDED, die_with

MAX_BYTES = 1 << 18
STREAMS = 3  # events, stdout, stderr: in this order, beside each request
READY, PID, ENDED = "ready", "pid", "ended"
# What a run imports when it needs it, and most runs do. Nothing here may start a thread.
PRELOADED = (
    "kd_core.distillation",
    "kd_core.adapters",
    "kd_core.closed_forms.kd",
    "kd_core.ops",
    "PIL.Image",
    "sklearn.datasets",
)


@dataclass(frozen=True)
class Request:
    """One trainer: the arguments of `kd_core.process`, where it works, and all that it may see."""

    arguments: Sequence[str]
    folder: str
    environment: Mapping[str, str]

    def encoded(self) -> bytes:
        return json.dumps(asdict(self)).encode()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="kd_core.zygote", description=__doc__)
    parser.add_argument("--requests-fd", type=int, required=True)
    parser.add_argument("--parent-pid", type=int, required=True)
    parser.add_argument("--room", help="any text: trainers show their command line in its place")
    given = parser.parse_args(arguments)
    die_with(given.parent_pid)
    requests = socket.socket(fileno=given.requests_fd)
    _load()
    _tell(requests, {READY: os.getpid()})
    asked, events = _serve(requests)
    # From here on this is a trainer, and it ends as one: by way of the interpreter.
    whom = ["--events-fd", str(events), "--parent-pid", str(os.getppid())]
    return process.main([*asked.arguments, *whom])


def _load() -> None:
    # Read when the libraries are loaded. numpy would start threads at once.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for module in PRELOADED:
        importlib.import_module(module)
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads > 1:
        # A lock that another thread holds at the fork is never let go of in the child.
        why = f"importing has started {threads - 1} threads: this process cannot be forked\n"
        sys.stderr.write(why)
        os._exit(FAILED)  # an interpreter that ends in order waits for its threads
    gc.collect()
    # What is here stays here: looking through it would copy the pages that trainers share.
    gc.freeze()
    # At its end an interpreter looks for what nobody freed; libraries complain of what it leaves.
    atexit.register(gc.unfreeze)


def _serve(requests: socket.socket) -> tuple[Request, int]:
    """Fork for each request, one trainer at a time. Returns in trainers alone."""
    while True:
        message, streams, _, _ = socket.recv_fds(
            requests, MAX_BYTES, STREAMS, socket.MSG_CMSG_CLOEXEC
        )
        if not message:  # nobody will ask again
            sys.exit(SUCCEEDED)
        zygote = os.getpid()
        trainer = os.fork()
        if trainer == 0:
            return _begin(requests, message, streams, zygote)
        for stream in streams:
            os.close(stream)
        _, status = os.waitpid(trainer, 0)
        with suppress(BrokenPipeError):
            _tell(requests, {ENDED: os.waitstatus_to_exitcode(status)})


def _begin(
    requests: socket.socket, message: bytes, streams: Sequence[int], zygote: int
) -> tuple[Request, int]:
    """What stands between a fresh fork and a trainer; told last, when all of it is done."""
    os.setsid()
    die_with(zygote)
    events, *spoken = streams
    for ours, given in zip((1, 2), spoken, strict=True):
        os.dup2(given, ours)
        os.close(given)
    request = Request(**json.loads(message))
    os.environ.clear()
    os.environ.update(request.environment)
    os.chdir(request.folder)
    sys.argv = ["kd_core.process", *request.arguments]
    show_as([sys.executable, "-m", *sys.argv])
    _tell(requests, {PID: os.getpid()})
    requests.close()
    return request, events


def _tell(requests: socket.socket, what: Mapping[str, Any]) -> None:
    requests.send(json.dumps(what).encode())


if __name__ == "__main__":
    sys.exit(main())
