"""The API as a process of its own, on a port of its own: what only bytes on a socket can show."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import httpx2

from tests.support.valkey import _die_with_parent, free_port

ROOT = Path(__file__).parents[2]


class Server:
    def __init__(self, folder, template, key):
        self.database = folder / "stillhouse.db"
        shutil.copy(template, self.database)
        self.blobs, self.port, self.key = folder / "blobs", free_port(), key
        self.log = folder / "log"
        environment = {**os.environ, "STILLHOUSE_DATA_DIR": str(folder)}
        environment["STILLHOUSE_BROKER_URL"] = "redis://127.0.0.1:1/0"
        command = [sys.executable, "-m", "uvicorn", "api.main:create_app", "--factory"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "--host", "127.0.0.1", "--port", str(self.port)],
                cwd=ROOT,
                env=environment,
                stderr=log,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - it only calls the kernel
            )
        headers = {"Authorization": f"Bearer {self.key}"}
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = httpx2.Client(base_url=self.url, headers=headers, trust_env=False)

    def __enter__(self) -> Self:
        self.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.process.terminate()
        code = self.process.wait(20)
        assert code in {0, -signal.SIGTERM}  # uvicorn ends as it was told

    def wait(self):
        deadline = time.monotonic() + 60
        while True:
            try:
                return self.client.get("/livez")
            except httpx2.ConnectError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(self.log.read_text()) from None
                time.sleep(0.05)

    def lines(self):
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def raw(self, method, path, length, key=None):
        """The head of a request, and the connection that it was sent on."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n"
        bearer = f"Authorization: Bearer {key}\r\n" if key else ""
        connection.sendall(f"{head}{bearer}\r\n".encode())
        return connection
