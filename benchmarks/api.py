"""The API with 100 000 jobs against itself with 1 000, and one job's poll against a bare route.

Real servers on SQLite and on PostgreSQL, asked over eight connections; ours and the reference take
turns, and the figure is what one answer takes of processors: the server's, and its database's.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import make_url, text

from benchmarks.bare_api import bare_question
from benchmarks.comparison import LEAST_ROUNDS, Row, arguments, finish
from benchmarks.load import Question
from benchmarks.many_jobs import Shelf, fill
from stillhouse.domain.pages import Cursor
from stillhouse.store import create_engine, session_factory, upgrade
from tests.support.api import new_key
from tests.support.api_server import Server
from tests.support.postgres import postgres
from tests.support.service import TENANT

FEW, MANY = 1_000, 100_000
SLICE_S = 0.4
COSTS_AT_MOST = 1.3
"""Times what is asked costs with FEW; no noise is forgiven beyond that."""
OF_A_BARE_ROUTE = {"sqlite": 0.35, "postgresql": 0.18}


@dataclass(frozen=True)
class Station:
    """A server over books with so many jobs."""

    server: Server
    shelf: Shelf
    database: Callable[[], Iterable[int]]

    def asked(self, path: str, **headers: str) -> Question:
        told = {"Authorization": f"Bearer {self.server.key}", **headers}
        return Question(self.server.port, path, self.processes, told)

    def processes(self) -> list[int]:
        """The server, and that of its database where there is one."""
        return [self.server.process.pid, *self.database()]

    def lists(self) -> Mapping[str, Question]:
        cursor = Cursor(self.shelf.middle, self.shelf.over).encode()
        middle = self.shelf.middle.isoformat().replace("+00:00", "Z")
        asked = {
            "list": "",
            "list, the page in the middle": f"cursor={cursor}",
            "list by name": "sort=name",
            "list by priority": "sort=-priority",
            "state, common": "state=succeeded",
            "state, rare": "state=running",
            "state, no job": "state=paused&state=expired",
            "project": "project=project-3",
            "project and state": "project=project-3&state=succeeded",
            "label, common": "label=team%3Dvision",
            "label, rare": "label=pinned%3Dyes",
            "label, no job": "label=team%3Dnobody",
            "label, a key": "label=pinned",
            "label and state": "label=team%3Dvision&state=succeeded",
            "labels, two, no job": "label=team%3Dvision&label=pinned%3Dyes",
            "label, no job, by name": "label=team%3Dnobody&sort=name",
            "parent": f"parent={self.shelf.parent}",
            "submitted before": f"created_before={middle}",
            "trash": "trash=true",
            "part of a name, common": "name=student",
            "part of a name, no job": "name=nothing",
        }
        return {name: self.asked(f"/v1/jobs?{query}") for name, query in asked.items()}

    def polls(self) -> Mapping[str, Question]:
        jobs = {"304 of a job": self.shelf.over, "304 of a job that waits": self.shelf.queued}
        return {name: self._seen(f"/v1/jobs/{job_id}") for name, job_id in jobs.items()}

    def _seen(self, path: str) -> Question:
        """Asked by a client that has what it asks for."""
        answer = self.server.client.get(path)
        return replace(self.asked(path, **{"If-None-Match": answer.headers["ETag"]}), status=304)


def station(stack: ExitStack, folder: Path, url: str, count: int) -> Station:
    folder.mkdir()
    upgrade(url)
    engine = create_engine(url)
    key = new_key(session_factory(engine), TENANT)
    shelf = fill(engine, count)
    engine.dispose()
    server = stack.enter_context(Server(folder, None, key, url))
    return Station(server, shelf, lambda: postgres_processes(url))


def postgres_processes(url: str) -> list[int]:
    """The one that was started, and those that it has started."""
    folder = make_url(url).query.get("host")
    if folder is None:
        return []
    first = int(Path(str(folder), "data/postmaster.pid").read_text().splitlines()[0])
    children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    return [first, *map(int, children)]


def addresses(stack: ExitStack, room: Path, kind: str) -> Sequence[str]:
    """Of two empty databases."""
    if kind == "sqlite":
        return [f"sqlite:///{room / name}.db" for name in ("few", "many")]
    url = stack.enter_context(postgres())
    engine = create_engine(url).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name in ("few", "many"):
            connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    parsed = make_url(url)
    return [parsed.set(database=name).render_as_string() for name in ("few", "many")]


def everything(given: Namespace) -> Iterator[Row]:
    many, rounds = (FEW * 5, 2) if given.quick else (MANY, LEAST_ROUNDS)
    for kind in OF_A_BARE_ROUTE:
        with ExitStack() as stack:
            room = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-api-")))
            urls = addresses(stack, room, kind)
            few_jobs = station(stack, room / "few", urls[0], FEW)
            many_jobs = station(stack, room / "many", urls[1], many)
            bare = stack.enter_context(bare_question(room))
            yield from against_few(kind, many_jobs, few_jobs, rounds)
            poll = many_jobs.polls()["304 of a job"]
            yield against_bare(kind, poll, bare, rounds)


def against_few(kind: str, many: Station, few: Station, rounds: int) -> Iterator[Row]:
    mine, theirs = ({**at.polls(), **at.lists()} for at in (many, few))
    for name, question in mine.items():
        times = measured(question, theirs[name], rounds)
        target = None if name in UNBOUNDED else 1 / COSTS_AT_MOST
        yield Row(name, f"{kind}, more jobs against few", *times, target, slack=1.0)


def against_bare(kind: str, poll: Question, bare: Question, rounds: int) -> Row:
    times = measured(poll, bare, rounds)
    return Row("304 of a job", f"{kind}, against a bare route", *times, OF_A_BARE_ROUTE[kind])


def measured(ours: Question, reference: Question, rounds: int) -> tuple[float, float, str, float]:
    """Milliseconds of an answer (medians), their unit, and the median ratio of the rounds."""
    pairs = [(ours.seconds_each(SLICE_S), reference.seconds_each(SLICE_S)) for _ in range(rounds)]
    mine, theirs = zip(*pairs, strict=True)
    ratio = statistics.median(their / my for my, their in pairs)
    return statistics.median(mine) * 1e3, statistics.median(theirs) * 1e3, "ms", ratio


# Shown, and no target: it is looked for in every name, until there is a page of them.
UNBOUNDED = {"part of a name, no job"}


def main() -> int:
    given = arguments(__doc__ or "").parse_args()
    return finish(everything(given), given)


if __name__ == "__main__":
    sys.exit(main())
