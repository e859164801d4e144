"""A service as a user starts it, `still up`, in a home of its own; and what is left of one."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stillhouse.local.ports import free_port

BIN = Path(sys.executable).parent
PATIENCE_S = 60
CALM = {
    "OMP_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    # A test waits for what these pace.
    "STILLHOUSE_RECONCILE_EVERY_S": "1",
    "STILLHOUSE_RERING_AFTER_S": "1",
    "STILLHOUSE_LEASE_TTL_S": "6",
    "STILLHOUSE_LEASE_RENEW_S": "1",
}


class Home:
    """A user: a home, and the verbs typed in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.config = folder / "config/stillhouse/config.toml"
        kept = {k: v for k, v in os.environ.items() if not k.startswith("STILLHOUSE_")}
        rooms = {f"XDG_{name.upper()}_HOME": str(folder / name) for name in ("config", "state")}
        self.environ = {**kept, **CALM, "HOME": str(folder), **rooms}
        self.environ.pop("PYTHONDONTWRITEBYTECODE", None)

    def still(self, *words: object, said: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [BIN / "still", *map(str, words)],
            cwd=self.folder,
            env=self.environ,
            input=said,
            capture_output=True,
            text=True,
            check=False,
        )

    def json(self, *words: object) -> object:
        result = self.still(*words, "--json")
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)


class Service:
    """A running `still up`; `facts` is what it said when it was ready."""

    def __init__(self, home: Home, port: int | None = None) -> None:
        self.home = home
        self.port = port or free_port()
        self.errors = home.folder / "up.err"
        words = ["up", "--data-dir", home.data, "--port", str(self.port), "--json"]
        with self.errors.open("a") as errors:
            self.process = subprocess.Popen(
                [BIN / "still", *words],
                cwd=home.folder,
                env=home.environ,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self.process.stdout is not None
        self.facts = json.loads(_document(self.process.stdout))

    def children(self) -> set[int]:
        """Every process that works in this folder, `still up` itself apart."""
        return processes_of(self.home.data) - {self.process.pid}

    def child(self, words: str) -> int:
        """The oldest of them whose command line has these words."""
        return min(pid for pid in self.children() if words in command_of(pid))

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE_S)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@contextmanager
def service(home: Home) -> Iterator[Service]:
    running = Service(home)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.stop()


def _document(lines: Iterator[str]) -> str:
    """One JSON document, as it is printed over several lines."""
    text = ""
    for line in lines:
        text += line
        if line.rstrip() == "}":
            break
    return text


def processes_of(folder: Path) -> set[int]:
    """Whoever was started with this folder in its environment or among its arguments."""
    found = set()
    for place in Path("/proc").iterdir():
        with suppress(OSError):
            if place.name.isdigit() and any(
                os.fsencode(folder) in (place / name).read_bytes()
                for name in ("environ", "cmdline")
            ):
                found.add(int(place.name))
    return found - {os.getpid()}


def command_of(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


def wait_until_gone(pids: set[int], seconds: float = PATIENCE_S) -> bool:
    for pid in pids:
        with suppress(ProcessLookupError):
            watch = os.pidfd_open(pid)
            try:
                if not select.select([watch], [], [], seconds)[0]:
                    return False
            finally:
                os.close(watch)
    return True
