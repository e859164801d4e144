"""The least that a route of FastAPI can be: what an answer costs before anything is in it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi import FastAPI

from benchmarks.load import Question
from tests.support.valkey import free_port

PATIENCE_S = 60.0
ROOT = Path(__file__).parents[1]
app = FastAPI()


@app.get("/bare")
def bare() -> dict[str, str]:
    return {"state": "here"}


@contextmanager
def bare_question(folder: Path) -> Iterator[Question]:
    """Of a server that writes no line in any log."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "benchmarks.bare_api:app", "--no-access-log"]
    with (folder / "bare.log").open("wb") as log:
        server = subprocess.Popen([*command, "--port", str(port)], cwd=ROOT, stderr=log)  # noqa: S603
    try:
        question = Question(port, "/bare", lambda: [server.pid])
        _wait_for(question)
        yield question
    finally:
        server.terminate()
        server.wait()


def _wait_for(question: Question) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            question.once()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
