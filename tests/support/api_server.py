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
CHUNKED = {"Transfer-Encoding": "chunked"}
NOWHERE = "redis://127.0.0.1:1/0"


class Server:
    def __init__(self, folder, template, key, database_url="", broker_url=NOWHERE, **settings):
        """On a copy of the migrated SQLite file `template`, or else on the books at the address."""
        self.database = folder / "stillhouse.db"
        if template is not None:
            shutil.copy(template, self.database)
        self.blobs, self.port, self.key = folder / "blobs", free_port(), key
        self.log = folder / "log"
        self._environment = {
            **os.environ,
            "STILLHOUSE_DATA_DIR": str(folder),
            "STILLHOUSE_DATABASE_URL": database_url,
            "STILLHOUSE_BROKER_URL": broker_url,
            **{f"STILLHOUSE_{name.upper()}": text for name, text in settings.items()},
        }
        headers = {"Authorization": f"Bearer {self.key}"}
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = httpx2.Client(base_url=self.url, headers=headers, trust_env=False)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        if self.process.poll() is None:
            self.process.terminate()
            code = self.process.wait(20)
            assert code in {0, -signal.SIGTERM}  # uvicorn ends as it was told

    def start(self):
        """Until it answers; again, and on the same port, when it was killed."""
        command = [sys.executable, "-m", "uvicorn", "api.main:create_app", "--factory"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--no-proxy-headers", "--host", "127.0.0.1", "--port", str(self.port)],
                cwd=ROOT,
                env=self._environment,
                stderr=log,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - it only calls the kernel
            )
        deadline = time.monotonic() + 60
        while True:
            try:
                return self.client.get("/livez")
            except httpx2.TransportError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(self.log.read_text()) from None
                time.sleep(0.05)

    def lines(self):
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def raw(
        self, method: str, path: str, length: int | None, key: str | None = None, **headers: str
    ) -> socket.socket:
        """The head of a request, and the connection that it was sent on. Without a length the body
        is in chunks.
        """
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        sized = {"Content-Length": str(length)}
        told = {"Host": "x", **(sized if length is not None else CHUNKED), **headers}
        if key:
            told["Authorization"] = f"Bearer {key}"
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {text}" for name, text in told.items())]
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        return connection
