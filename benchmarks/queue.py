"""From a bell to the first step of training: a warm worker against a cold interpreter.

Two services of their own, with books in SQLite, a broker and an idle worker; one worker forks its
trainers, the other starts an interpreter for each. They take turns with the same job: the digits of
scikit-learn at 32 x 32, with a small teacher that knows them, and a smaller student.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from benchmarks.comparison import LEAST_ROUNDS, Row, arguments, finish
from stillhouse.domain.job import TERMINAL, State
from stillhouse.domain.uploads import UploadKind
from tests.support import digit_teachers
from tests.support.processes import command_line, parent_of
from tests.support.service import TENANT
from tests.support.service_processes import Service, migrated_template
from tests.support.valkey import Valkey

TIMES_COLD = 10.0
LIMITS_MS = {"submit -> claim": 100.0, "claim -> first step": 300.0}  # on a machine that is idle
PATIENCE_S = 300.0
POLL_S = 0.005
TEACHER, STUDENT = digit_teachers.ARCHITECTURE, "test_efficientnet"
# Twelve steps in an epoch: few enough that the first of them is a point of the curve.
BATCH = 128
MARKS = (
    ("submit -> claim", "job.queued", "job.starting"),
    ("claim -> first step", "job.starting", "job.metrics"),
    ("claim -> trainer speaks", "job.starting", "preparing_data"),
    ("read the data", "preparing_data", "validating"),
    ("try models and packing", "validating", "teacher_eval"),
    ("examine the teacher", "teacher_eval", "training"),
    ("first step", "training", "job.metrics"),
)

Moments = Mapping[str, datetime]


@dataclass
class Station:
    """A service with one idle worker, and what its jobs are made of."""

    service: Service
    teacher: str
    warm: bool

    def moments(self) -> Moments:
        """When each thing happened first to one more job: told by the books and by the trainer."""
        job = self.service.submit_and_ring(**specification(self.teacher))
        journal = opened_journal(self.service.settings.work, job.id)
        self._check_start()
        succeeded(self.service, job.id)
        with journal:
            told = [json.loads(line) for line in journal]
        found = [(event.type, event.at) for event in self.service.events(job.id)]
        for event in told:
            at = datetime.fromisoformat(event["at"])
            found.append((event["data"].get("phase", event["type"]), at))
            found.append((event["type"], at))
        return first_of_each(found)

    def _check_start(self) -> None:
        (trainer,) = self.service.trainers()
        if self.warm is not ("kd_core.zygote" in command_line(parent_of(trainer))):
            raise RuntimeError(f"not a {self.warm=} start\n{self.service.logs()}")


def first_of_each(found: list[tuple[str, datetime]]) -> Moments:
    first: dict[str, datetime] = {}
    for name, at in found:
        first.setdefault(name, at)
    return first


def opened_journal(work: Path, job_id: str) -> BinaryIO:
    """The trainer's own record of the run: held open, since the folder goes when the job ends."""
    path = work / job_id / "attempt-1/run/events.jsonl"
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with suppress(FileNotFoundError):
            return path.open("rb")
        time.sleep(POLL_S)
    raise TimeoutError("no trainer has begun")


def succeeded(service: Service, job_id: str) -> None:
    service.wait(lambda: service.state(job_id) in TERMINAL, "the job is not over", PATIENCE_S)
    if service.state(job_id) is not State.SUCCEEDED:
        raise RuntimeError(f"the job ended {service.state(job_id)}\n{service.logs()}")


def specification(teacher: str) -> dict[str, object]:
    return {
        "teacher": {"architecture": TEACHER, "checkpoint": teacher},
        "student": {"architecture": STUDENT},
        "data": {"dataset": "digits"},
        "loss": "kd",
        "recipe": {"epochs": 1, "batch_size": BATCH, "optimizer": {"kind": "sgd", "lr": 0.01}},
        "resources": {"device": "cpu", "threads": 1},
    }


def uploaded(service: Service, file: Path) -> str:
    """The id of a model that has passed its check."""
    upload, checker = service.upload(file, UploadKind.MODEL), service.worker("checker").id
    with service.work() as uow:
        model = uow.models.create(TENANT, upload, name="teacher", declared={})
        uow.checks.ready(uow.checks.claim(checker), {})
    return str(model.id)


def station(
    stack: ExitStack, folder: Path, template: Path, teacher: Path, *, warm: bool
) -> Station:
    folder.mkdir()
    broker = stack.enter_context(Valkey())
    service = stack.enter_context(Service(folder, broker, template))
    model = uploaded(service, teacher)
    service.start_worker(warm_starts=warm, lease_ttl_s=60, lease_renew_s=10)
    made = Station(service, model, warm)
    made.moments()  # nobody waits for the first job of a day, nor for a zygote that is on its way
    return made


def everything(rounds: int) -> Iterator[Row]:
    with ExitStack() as stack:
        room = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-queue-")))
        template = migrated_template(room)
        teacher = digit_teachers.taught(room / "teacher")
        warm = station(stack, room / "warm", template, teacher, warm=True)
        cold = station(stack, room / "cold", template, teacher, warm=False)
        pairs = [(warm.moments(), cold.moments()) for _ in range(rounds)]
    for name, begin, end in MARKS:
        yield row(name, [(passed(one, begin, end), passed(two, begin, end)) for one, two in pairs])
    yield from against_limits([one for one, _ in pairs])


def passed(moments: Moments, begin: str, end: str) -> float:
    return (moments[end] - moments[begin]).total_seconds() * 1e3


def row(name: str, pairs: list[tuple[float, float]]) -> Row:
    ours, reference = zip(*pairs, strict=True)
    ratio = statistics.median(theirs / max(mine, 1.0) for mine, theirs in pairs)
    target = TIMES_COLD if name == "claim -> first step" else None
    middle = statistics.median(ours), statistics.median(reference)
    return Row(name, "warm against cold", *middle, "ms", ratio, target)


def against_limits(warm: list[Moments]) -> Iterator[Row]:
    """Shown, and no target: neighbours on the machine would be measured."""
    for name, begin, end in MARKS:
        if name in LIMITS_MS:
            median = statistics.median(passed(moments, begin, end) for moments in warm)
            limit = LIMITS_MS[name]
            yield Row(name, f"warm against {limit:g} ms", median, limit, "ms", limit / median)


def main() -> int:
    given = arguments(__doc__ or "").parse_args()
    rounds = 2 if given.quick else LEAST_ROUNDS
    print(f"{TEACHER} -> {STUDENT}, medians of {rounds} jobs each\n")
    return finish(everything(rounds), given)


if __name__ == "__main__":
    sys.exit(main())
