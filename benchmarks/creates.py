"""Ten thousand creates under a thousand Idempotency-Keys: a thousand jobs, whoever asks at once.

A server process with books in PostgreSQL, and one with books in SQLite. Requests come over 32
connections at the same time, in an order that is shuffled. What is counted is jobs; how many
requests a second that makes is shown, and is of this machine and its neighbours.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.comparison import Row, arguments, finish
from stillhouse.store import create_engine, session_factory, upgrade
from tests.support.api import new_key
from tests.support.api_server import Server
from tests.support.creates import creates, shuffled
from tests.support.postgres import postgres
from tests.support.service import TENANT, World

KEYS, TIMES, CONNECTIONS = 1000, 10, 32


def everything(keys: int) -> Iterator[Row]:
    with postgres() as url:
        yield from crowd("PostgreSQL", url, keys)
    with tempfile.TemporaryDirectory(prefix="bench-creates-") as name:
        yield from crowd("SQLite", f"sqlite:///{name}/stillhouse.db", keys)


def crowd(books: str, url: str, keys: int) -> Iterator[Row]:
    upgrade(url)
    engine = create_engine(url)
    world = World(session_factory(engine))
    with tempfile.TemporaryDirectory(prefix="bench-creates-") as name:
        key = new_key(world.sessions, TENANT)
        with Server(Path(name), None, key, url) as server:
            began = time.perf_counter()
            answers = creates(server, shuffled(keys, TIMES), CONNECTIONS)
            took_s = time.perf_counter() - began
            made = sum(1 for _ in jobs(server))
    engine.dispose()
    statuses = Counter(answer.status for answer in answers)
    case = f"{len(answers)} creates, {keys} keys, {dict(statuses)}"
    right = made == keys == len({answer.job for answer in answers})
    yield Row(f"{books}: jobs", case, made, keys, "jobs", float(right), 1.0, slack=1.0)
    yield Row(f"{books}: speed", case, len(answers) / took_s, None, "requests/s", None)


def jobs(server: Server) -> Iterator[str]:
    query = {"limit": "200"}
    while True:
        page = server.client.get("/v1/jobs", params=query).json()
        yield from (job["id"] for job in page["data"])
        if not page["has_more"]:
            return
        query["cursor"] = page["next_cursor"]


def main() -> int:
    given = arguments(__doc__ or "").parse_args()
    print(f"{CONNECTIONS} connections, each key {TIMES} times\n")
    return finish(everything(KEYS // 10 if given.quick else KEYS), given)


if __name__ == "__main__":
    sys.exit(main())
