"""A real nginx before the API, with a configuration that we tell people to use."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.postgres import NOBODY
from tests.support.valkey import _die_with_parent, free_port

EXAMPLES = Path(__file__).parents[2] / "examples/nginx"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
# What a distribution's own file has around ours, at its most hostile: everything is compressed.
AROUND = """daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    {temporary}
    gzip on;
    gzip_types *;
    gzip_proxied any;
    gzip_min_length 1;
    {ours}
}}
"""


@contextmanager
def nginx(example: str, api_port: int) -> Iterator[str]:
    """The address at which it answers for the API; only ports are other than in the example."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program is not None, "there is no nginx here: apt-get install nginx"
    folder = Path(tempfile.mkdtemp(prefix="stillhouse-nginx-", dir="/tmp"))
    port = free_port()
    (folder / "nginx.conf").write_text(_configuration(folder, example, port, api_port))
    root = os.geteuid() == 0
    if root:
        os.chown(folder, NOBODY, NOBODY)
    process = subprocess.Popen(
        [program, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"],
        preexec_fn=_die_with_parent,  # noqa: PLW1509 - it only calls the kernel
        **({"user": NOBODY, "group": NOBODY, "extra_groups": []} if root else {}),
    )
    try:
        _wait_until_it_listens(port, process, folder)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder)


def _configuration(folder: Path, example: str, port: int, api_port: int) -> str:
    text = (EXAMPLES / example).read_text()
    assert "listen 80;" in text
    assert "127.0.0.1:8080" in text
    ours = text.replace("listen 80;", f"listen 127.0.0.1:{port};")
    temporary = " ".join(f"{name}_temp_path {folder}/{name};" for name in TEMPORARY)
    ours = ours.replace("127.0.0.1:8080", f"127.0.0.1:{api_port}")
    return AROUND.format(folder=folder, temporary=temporary, ours=ours)


def _wait_until_it_listens(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((folder / "error.log").read_text()) from None
            time.sleep(0.02)
        else:
            return
