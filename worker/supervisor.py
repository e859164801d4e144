"""Supervising: claim a job, run its trainer with no transaction open, apply what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TypeVar

import structlog

from kd_core.process import FAILED, REFUSED, STOPPED, SUCCEEDED
from stillhouse.domain.errors import StaleAttempt, Unavailable
from stillhouse.domain.events import Stream
from stillhouse.domain.failure import Ending, Failure
from stillhouse.domain.job import Desired
from stillhouse.domain.job_spec import parse_job_spec
from stillhouse.store import UnitOfWork
from stillhouse.store.leases import Claim, Orders
from worker import failures
from worker.hold import Hold, LeaseOver
from worker.mailbox import Mailbox
from worker.recordings import Recordings
from worker.reporter import Reporter
from worker.result import Result
from worker.saver import Saver
from worker.scratch import scratch_folder, sweep
from worker.stall import Watchdog
from worker.station import Station
from worker.trainer_process import TrainerProcess
from worker.workspace import (
    CannotPrepare,
    Input,
    Workspace,
    disk_full,
    inputs_of,
    is_disk_full,
)

T = TypeVar("T")
TICK_S = 1.0

log = structlog.get_logger(__name__)


class Wish(Enum):
    """Why a trainer that could go on has to stop."""

    CANCEL = auto()
    PAUSE = auto()
    TIME_IS_UP = auto()
    DRAIN = auto()
    STALLED = auto()


@dataclass
class Stopping:
    wish: Wish
    kill_at: float


def claim_next(station: Station) -> Supervision | None:
    """The best job for this worker, now its own; None when nothing fits or nobody answers."""
    asked = time.monotonic()
    try:
        with station.books() as uow:
            claim = uow.leases.claim(station.worker_id, station.queues, station.settings.lease_ttl)
    except Unavailable:
        log.warning("claim.failed", exc_info=True)
        return None
    return Supervision(station, claim, asked) if claim is not None else None


class Supervision:
    """One attempt, from its claim to its end. `_work` is the description of it."""

    def __init__(self, station: Station, claim: Claim, asked: float) -> None:
        self.station = station
        self.claim = claim
        self.token = claim.token
        self.began = asked
        self.hold = Hold(station, claim.token, asked)
        self.mailbox = Mailbox()
        self.reporter = Reporter(self.hold, self.mailbox, claim.job.next_log_seq)
        self.watchdog = Watchdog(station.settings.stall_after_s)
        self.stopping: Stopping | None = None

    def run(self) -> None:
        name = f"{self.token.job_id}/attempt-{self.token.attempt}"
        with structlog.contextvars.bound_contextvars(
            job=self.token.job_id, attempt=self.token.attempt, **self.claim.cause.told
        ):
            log.info("attempt.claimed")
            self._say_why()
            with self._losing_nothing(), ExitStack() as room:
                sweep(self.station.work)
                folder = room.enter_context(scratch_folder(self.station.work, name))
                self.aside = room.enter_context(ThreadPoolExecutor(1, "aside"))
                self.workspace = Workspace(folder)
                self.spec = parse_job_spec(self.claim.job.resolved)
                self.saver = Saver(
                    self.station,
                    self.hold,
                    self.mailbox,
                    self.reporter,
                    self.aside,
                    self.claim.job.checkpoint_blob,
                )
                self.recordings = Recordings(
                    self.station, self.hold, self.aside, self.claim.job, self.workspace.recordings
                )
                self._work()
            log.info("attempt.over")

    def _work(self) -> None:
        self.station.warm_up()
        self._prepare()
        self._wait_until_warm()
        if self._wish(self.hold.look()) is not None:
            self._conclude(STOPPED)
            return
        oom_kills = failures.oom_kills()
        with TrainerProcess(
            self.station.trainer,
            self._arguments(),
            folder=self.workspace.folder,
            environment=self._environment(),
            mailbox=self.mailbox,
            zygote=self.station.zygote,
        ) as trainer:
            code = self._watch(trainer)
            if not trainer.end():
                # No state may say that it is over: the reconciler decides when the lease is out.
                log.error("trainer.immortal", pid=trainer.pid)
                raise LeaseOver(self.token.job_id)
        self.reporter.finish()
        self._conclude(code, oom_killed=failures.oom_kills() > oom_kills)

    def _say_why(self) -> None:
        """In the job's own log: who reads it may look for the request, or the trace, elsewhere."""
        known = ", ".join(f"{name} {text}" for name, text in self.claim.cause.told.items())
        if known:
            self.mailbox.hear_line(Stream.SUPERVISOR, f"asked for by {known}")

    def _environment(self) -> dict[str, str]:
        trace = self.claim.cause.traceparent
        return {**self.station.environment, **({"TRACEPARENT": trace} if trace else {})}

    @contextmanager
    def _losing_nothing(self) -> Iterator[None]:
        """Whatever happens, the job does not wait for its lease to run out; unless it is lost."""
        try:
            yield
        except (StaleAttempt, LeaseOver):
            log.warning("attempt.lost")
        except CannotPrepare as error:
            self._give_back(error.failure)
        except Exception as error:
            log.exception("attempt.broken")
            full = is_disk_full(error)
            self._give_back(disk_full() if full else failures.unexpected(self.mailbox.phase))

    def _give_back(self, failure: Failure) -> None:
        try:
            self._fail(failure, Ending.DIED)
        except (StaleAttempt, LeaseOver):
            log.warning("attempt.lost")

    def _prepare(self) -> None:
        def read(uow: UnitOfWork) -> tuple[list[Input], int]:
            blob = self.claim.job.checkpoint_blob
            size = uow.blobs.size(blob) if blob is not None else None
            return inputs_of(uow, self.claim.job.tenant_id, self.spec), size or 0

        inputs, snapshot_bytes = self.hold.insist(read)
        self._while_held(
            lambda: self.workspace.prepare(
                self.spec,
                inputs,
                self.station.blobs,
                sent=self.claim.job.spec,
                roots=self.station.settings.data_roots,
                also_bytes=2 * snapshot_bytes,
            )
        )
        self._while_held(lambda: self.saver.restore(self.workspace))
        known = self.recordings.look_up(self.spec, inputs)
        self.recordings.forget(self._while_held(lambda: self.recordings.bring(known)))

    def _while_held(self, work: Callable[[], T]) -> T:
        """Do something long in another thread, and keep the lease meanwhile."""
        future = self.aside.submit(work)
        while True:
            try:
                return future.result(timeout=TICK_S)
            except TimeoutError:
                if future.done():
                    raise
                self.hold.look()

    def _wait_until_warm(self) -> None:
        """A zygote on its way is there before an interpreter that would start now."""
        zygote = self.station.zygote
        while zygote is not None and not zygote.has_settled(TICK_S):
            if self._wish(self.hold.look()) is not None:
                return

    def _arguments(self) -> list[str]:
        settings = self.station.settings
        arguments = [str(self.workspace.spec), str(self.workspace.run)]
        arguments += ["--cache-dir", str(settings.cache.resolve())]
        arguments += ["--cache-bytes", str(settings.cache_bytes)]
        arguments += self.recordings.arguments
        arguments += ["--sent", str(self.workspace.sent)]
        if not settings.allow_torch_checkpoints:
            arguments.append("--no-torch-checkpoints")
        return arguments

    def _watch(self, trainer: TrainerProcess) -> int:
        while (code := trainer.wait(TICK_S)) is None:
            self._obey(self.hold.look(), trainer)
            self.reporter.report()
            self.saver.save_newest(self.workspace)
            self.recordings.keep_new()
        return code

    def _obey(self, orders: Orders, trainer: TrainerProcess) -> None:
        wish, now = self._wish(orders), time.monotonic()
        if wish is not None and (self.stopping is None or wish is not self.stopping.wish):
            log.info("trainer.stopping", why=wish.name.lower())
            if wish is Wish.STALLED:
                trainer.ask_where_it_stands()
            trainer.ask_to_stop()
            # A wish that comes on top of another one never gives the trainer more time.
            latest = self.stopping.kill_at if self.stopping is not None else float("inf")
            self.stopping = Stopping(wish, min(latest, now + self._grace_s(wish)))
        if self.stopping is not None and now >= self.stopping.kill_at:
            trainer.kill()

    def _wish(self, orders: Orders) -> Wish | None:
        if orders.desired is Desired.CANCELLED:
            return Wish.CANCEL
        if orders.desired is Desired.PAUSED:
            return Wish.PAUSE
        if self.claim.worked_s + time.monotonic() - self.began > self.spec.limits.max_runtime_s:
            return Wish.TIME_IS_UP
        if orders.draining:
            return Wish.DRAIN
        stalled = self.watchdog.barks(self.mailbox.phase, self.mailbox.events_heard)
        return Wish.STALLED if stalled else None

    def _grace_s(self, wish: Wish) -> float:
        settings = self.station.settings
        return settings.cancel_grace_s if wish is Wish.CANCEL else settings.checkpoint_grace_s

    def _conclude(self, code: int, *, oom_killed: bool = False) -> None:
        """The process is gone. What it achieved counts first, then what it said, then the wish."""
        wish = self.stopping.wish if self.stopping is not None else self._wish(self.hold.look())
        result = Result(self.workspace, self.station.blobs)
        if code == SUCCEEDED and result.is_there:
            self._succeed(result)
        elif wish is Wish.CANCEL:
            self.hold.insist(lambda uow: uow.attempts.stop(self.token))
        elif code in {FAILED, REFUSED} and self.mailbox.failed is not None:
            self._fail(self._failure(code, oom_killed=oom_killed), Ending.DIED)
        elif wish is Wish.TIME_IS_UP:
            limit = self.spec.limits.max_runtime_s
            self._fail(failures.out_of_time(limit, self.mailbox.phase), Ending.DIED)
        elif wish is Wish.PAUSE:
            self.saver.save_last(self.workspace)
            self.hold.insist(lambda uow: uow.attempts.stop(self.token))
        else:
            self.saver.save_last(self.workspace)
            self._resume_later(code, wish, oom_killed=oom_killed)

    def _resume_later(self, code: int, wish: Wish | None, *, oom_killed: bool) -> None:
        if wish is Wish.DRAIN:
            self._fail(failures.drained(), Ending.DRAINED)
        elif wish is Wish.STALLED:
            patience_s = self.station.settings.stall_after_s
            self._fail(
                failures.stalled(patience_s, self.mailbox.phase, self.mailbox.step), Ending.DIED
            )
        else:
            ending = Ending.PREEMPTED if code == STOPPED else Ending.DIED
            self._fail(self._failure(code, oom_killed=oom_killed), ending)

    def _succeed(self, result: Result) -> None:
        self.reporter.start()
        self.recordings.finish()
        products = self._while_held(result.store)
        number = self.reporter.next_number()
        points = result.points(self.mailbox.step)

        def apply(uow: UnitOfWork) -> None:
            uow.attempts.report(self.token, number, points=points)
            result.add(uow, self.token, products)
            uow.attempts.succeed(self.token, result.verdict, result.gates)

        self.hold.insist(apply)
        self.saver.drop()

    def _fail(self, failure: Failure, ending: Ending) -> None:
        told = replace(failure, log_tail_url=self.reporter.log_tail_url)
        job = self.hold.insist(lambda uow: uow.attempts.fail(self.token, told, ending))
        log.info("attempt.failed", code=failure.code, ending=ending.value, job_state=job.state)

    def _failure(self, code: int, *, oom_killed: bool) -> Failure:
        return failures.classify(
            failures.Exit(
                code,
                failed=self.mailbox.failed,
                last_line=self.mailbox.last_words.get(Stream.STDERR, ""),
                phase=self.mailbox.phase,
                oom_killed=oom_killed,
                folder=self.workspace.folder,
            )
        )
