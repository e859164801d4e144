"""All processes of a service on this machine: started in order, tended, stopped in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from stillhouse.client.readiness import readiness
from stillhouse.client.retry import Pace
from stillhouse.local import programs
from stillhouse.local.child import Child, Program
from stillhouse.local.errors import LocalError
from stillhouse.local.keys import local_key, sign_in_code
from stillhouse.local.ports import url_of
from stillhouse.local.programs import Plan
from stillhouse.local.restarts import LIMIT, Restarts
from stillhouse.store import ReadOnly, Sessions, create_engine, session_factory, upgrade

READY_S = 90.0
STOP_S = programs.DRAIN_S + 3.0
BROKER_STOP_S = 2.0
LOOK_S = 0.2
STOP_LOOK_S = 0.02
WORDS, LAST_WORDS = 5, 15

Say = Callable[[str], None]


class Stack:
    """`with Stack(...) as stack:` starts everything; leaving the block stops everything."""

    def __init__(
        self, plan: Plan, environ: Mapping[str, str], say: Say, pace: Pace | None = None
    ) -> None:
        self.plan = plan
        self.url = url_of(plan.host, plan.port)
        self.key = ""
        self._environ = plan.environ(environ)
        self._say = say
        self._pace = pace or Pace()
        self._children: list[Child] = []
        self._restarts: dict[str, Restarts] = {}
        self._due: dict[str, float] = {}

    def __enter__(self) -> Self:
        try:
            self._start(programs.broker(self.plan, self._environ))
            self.key = self._prepared_database()
            for program in programs.services(self.plan, self._environ):
                self._start(program)
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def sign_in_code(self) -> str:
        with self._books() as sessions:
            return sign_in_code(sessions, self.key)

    def sleep(self, seconds: float) -> None:
        """Wait, and look after the processes meanwhile: a client may use it as its own sleep."""
        end = self._pace.monotonic() + seconds
        while True:
            self.tend()
            left = end - self._pace.monotonic()
            if left <= 0:
                return
            self._pace.sleep(min(LOOK_S, left))

    def tend(self) -> None:
        """Start again what has died, unless it dies too often."""
        now = self._pace.monotonic()
        for place, child in enumerate(self._children):
            how = child.ended()
            if how is None:
                continue
            name = child.program.name
            if name not in self._due:
                self._due[name] = self._restart_at(child, how, now)
            if now >= self._due[name]:
                del self._due[name]
                child.end()
                self._children[place] = Child(child.program)

    def stop(self) -> None:
        """Everybody at once, the broker last; who does not go in time is killed."""
        children, self._children = self._children, []
        self._end(children[1:], STOP_S)
        self._end(children[:1], BROKER_STOP_S)

    def _start(self, program: Program) -> None:
        self._children.append(Child(program))
        self._restarts[program.name] = Restarts()

    def _prepared_database(self) -> str:
        upgrade(self.plan.database_url)
        with self._books() as sessions:
            return local_key(sessions, self.plan.folder.key)

    def _wait_until_ready(self) -> None:
        end = self._pace.monotonic() + READY_S
        while True:
            self.tend()
            missing = self._missing()
            if not missing:
                return
            if self._pace.monotonic() > end:
                message = f"the service was not ready after {READY_S:g} s: {missing}"
                raise LocalError(message, hint=f"its logs are in {self.plan.folder.logs}")
            self.sleep(LOOK_S)

    def _missing(self) -> str:
        """What still has to come before a job that is handed in would run."""
        found = readiness(self.url)
        if not found.ready:
            return found.reason
        with self._books() as sessions, ReadOnly(sessions) as uow:
            joined = {worker.pid for worker in uow.workers.present()}
        workers = [c for c in self._children if c.program.name.startswith(programs.WORKER)]
        absent = [child.program.name for child in workers if child.pid not in joined]
        return f"{', '.join(absent)} has not joined" if absent else ""

    @contextmanager
    def _books(self) -> Iterator[Sessions]:
        engine = create_engine(self.plan.database_url)
        try:
            yield session_factory(engine)
        finally:
            engine.dispose()

    def _restart_at(self, child: Child, how: str, now: float) -> float:
        name = child.program.name
        restarts = self._restarts[name]
        at = restarts.next_at(now)
        if at is None:
            raise LocalError(
                f"{name} {how}, for the {LIMIT + 1}th time in a minute; everything is stopped",
                hint=f"its log is {child.program.log}",
                lines=child.last_words(LAST_WORDS),
            )
        words = [f"  | {line}" for line in child.last_words(WORDS)]
        again = f"{name} {how}; it is started again ({restarts.count} of {LIMIT} in a minute)"
        self._say("\n".join([again, *words]))
        return at

    def _end(self, children: list[Child], seconds: float) -> None:
        for child in children:
            child.ask_to_stop()
        end = self._pace.monotonic() + seconds
        while any(child.ended() is None for child in children) and self._pace.monotonic() < end:
            self._pace.sleep(STOP_LOOK_S)
        for child in children:
            child.end()
