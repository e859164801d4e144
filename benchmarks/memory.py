"""Memory over a run of ten epochs: what trainer and supervisor take at the end of each.

A real worker with a warm trainer: a teacher, augmentation, a moving average, a checkpoint every
second that is copied to the blobs. What counts is the growth from the end of the first epoch, when
everything has been there once, to the highest of the later ones: more epochs must not take more.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from os import SEEK_CUR
from pathlib import Path
from typing import Any, BinaryIO

from benchmarks.comparison import Row, arguments, finish
from benchmarks.queue import opened_journal, specification, succeeded, uploaded
from stillhouse.domain.job import TERMINAL
from tests.support import digit_teachers
from tests.support.processes import command_line, parent_of
from tests.support.service_processes import Service, migrated_template
from tests.support.valkey import Valkey

MOST_MB = 50.0
MEGABYTE = 1000  # kilobytes
POLL_S = 0.02
MEASURES = {
    "resident": ("Rss",),
    "private": ("Private_Clean", "Private_Dirty"),
}


@dataclass(frozen=True)
class Sample:
    """Megabytes of one process, by measure."""

    resident: float
    private: float

    @classmethod
    def of(cls, pid: int) -> Sample:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
        kilobytes = {name: int(rest.split()[0]) for name, rest in (x.split(":") for x in lines)}
        return cls(
            **{
                measure: sum(kilobytes[field] for field in fields) / MEGABYTE
                for measure, fields in MEASURES.items()
            }
        )


Samples = dict[str, list[Sample]]


def recipe(epochs: int) -> dict[str, Any]:
    return {
        "epochs": epochs,
        "batch_size": 64,
        "optimizer": {"kind": "sgd", "lr": 0.01},
        "augment": {"kind": "flip_crop"},
        "ema": 0.9,
        "checkpoint_every_s": 1,
    }


def watched(service: Service, job_id: str) -> Samples:
    """Trainer and supervisor at the end of every epoch, as the trainer's own record tells it."""
    samples: Samples = {"trainer": [], "supervisor": []}
    with opened_journal(service.settings.work, job_id) as journal:
        trainer, supervisor = pair(service)
        while service.state(job_id) not in TERMINAL:
            for event in events_since(journal):
                if ends_an_epoch(event):
                    samples["trainer"].append(Sample.of(trainer))
                    samples["supervisor"].append(Sample.of(supervisor))
            time.sleep(POLL_S)
    return samples


def pair(service: Service) -> tuple[int, int]:
    """A trainer and its supervisor, with a zygote between them."""
    (trainer,) = service.trainers()
    zygote = parent_of(trainer)
    supervisor = parent_of(zygote)
    if "kd_core.zygote" not in command_line(zygote) or "worker.app" not in command_line(supervisor):
        raise RuntimeError(f"not a warm start\n{service.logs()}")
    return trainer, supervisor


def events_since(journal: BinaryIO) -> Iterator[dict[str, Any]]:
    """What was written since the last look; half a line is left for the next."""
    while (line := journal.readline()).endswith(b"\n"):
        yield json.loads(line)
    journal.seek(-len(line), SEEK_CUR)


def ends_an_epoch(event: dict[str, Any]) -> bool:
    return event["type"] == "job.metrics" and any(
        point["name"] == "val/loss" for point in event["data"]["points"]
    )


def run(epochs: int) -> Samples:
    with ExitStack() as stack:
        room = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-memory-")))
        template = migrated_template(room)
        taught = digit_teachers.taught(room / "teacher")
        (room / "service").mkdir()
        broker = stack.enter_context(Valkey())
        service = stack.enter_context(Service(room / "service", broker, template))
        teacher = uploaded(service, taught)
        service.start_worker(lease_ttl_s=60, lease_renew_s=10)
        job = service.submit_and_ring(**specification(teacher) | {"recipe": recipe(epochs)})
        samples = watched(service, job.id)
        succeeded(service, job.id)
        missed = epochs - len(samples["supervisor"])
        if missed:
            raise RuntimeError(f"{missed} of {epochs} epochs ended unseen")
    return samples


def everything(epochs: int) -> Iterator[Row]:
    for process, samples in run(epochs).items():
        for measure in MEASURES:
            taken = [getattr(sample, measure) for sample in samples]
            growth = max(taken[1:]) - taken[0]
            case = f"{measure}: {' '.join(f'{at:.0f}' for at in taken)}"
            ratio = MOST_MB / max(growth, 1.0)
            yield Row(process, case, growth, MOST_MB, "MB", ratio, target=1.0, slack=1.0)


def main() -> int:
    given = arguments(__doc__ or "").parse_args()
    epochs = 3 if given.quick else 10
    print(f"{epochs} epochs; growth in ours, the most that is allowed in reference\n")
    return finish(everything(epochs), given)


if __name__ == "__main__":
    sys.exit(main())
