"""The real server process of the API, for what only bytes on a socket can show."""

from __future__ import annotations

import json
import os
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


class ApiProcess:
    """On the books at `database_url`; by default, on the file stillhouse.db of the folder."""

    def __init__(self, folder: Path, key: str, database_url: str = "") -> None:
        self.blobs, self.port, self.key = folder / "blobs", free_port(), key
        self.log = folder / "log"
        self._environment = {
            **os.environ,
            "STILLHOUSE_DATA_DIR": str(folder),
            "STILLHOUSE_DATABASE_URL": database_url,
            "STILLHOUSE_BROKER_URL": "redis://127.0.0.1:1/0",
        }
        headers = {"Authorization": f"Bearer {self.key}"}
        self.client = httpx2.Client(
            base_url=f"http://127.0.0.1:{self.port}", headers=headers, trust_env=False
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        if self.process.poll() is None:
            self.process.terminate()
            # uvicorn ends as it was told
            assert self.process.wait(20) in {0, -signal.SIGTERM}

    def start(self) -> None:
        """Until it answers; once more on the same port after it was killed."""
        command = [sys.executable, "-m", "uvicorn", "api.main:create_app", "--factory"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--host", "127.0.0.1", "--port", str(self.port)],
                cwd=ROOT,
                env=self._environment,
                stderr=log,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - it only calls the kernel
            )
        deadline = time.monotonic() + 60
        while True:
            try:
                self.client.get("/livez")
            except httpx2.TransportError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(self.log.read_text()) from None
                time.sleep(0.05)
            else:
                return

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def raw(
        self, method: str, path: str, length: int, key: str | None = None, **headers: str
    ) -> socket.socket:
        """The head of a request, and the connection that it was sent on."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        told = {"Host": "x", "Content-Length": str(length), **headers}
        if key:
            told["Authorization"] = f"Bearer {key}"
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {text}" for name, text in told.items())]
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        return connection
