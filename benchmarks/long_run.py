"""A job of very many steps in the books: a point of every curve at each of them, and its report."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert

from kd_core.json_text import json_text
from stillhouse.domain.events import MetricPoint
from stillhouse.store import DirectoryBlobs, session_factory
from stillhouse.store.artifacts import REPORT
from stillhouse.store.leases import Token
from stillhouse.store.tables import MetricRow
from tests.support.reports import whole_report
from tests.support.service import TENANT, World

NAME = "very many steps"
LOSS = [{"kind": "ce"}, {"kind": "kd", "weight": 0.5}, {"kind": "dkd"}]
STEPS_PER_EPOCH = 10
"""So few that a trainer writes a point for each: no run has more points for its steps."""
BATCH = 2_000
CURVES: Mapping[str, tuple[float, float]] = {
    "train/term/0.ce.ce": (2.0, 0.2),
    "train/term/1.kd.kd": (1.0, 0.1),
    "train/term/2.dkd.tckd": (0.4, 0.05),
    "train/term/2.dkd.nckd": (1.6, 0.2),
    "train/loss": (5.0, 0.55),
    "train/lr": (0.1, 0.001),
    "train/images_per_s": (800.0, 900.0),
}
"""Where they begin and where they end."""
ONCE_AN_EPOCH: Mapping[str, tuple[float, float]] = {
    "val/loss": (2.2, 0.4),
    "val/top1": (0.1, 0.93),
}


def add(engine: Engine, blobs: Path, steps: int) -> str:
    """Its id. It must be there before any other job waits, for it is claimed as they are."""
    world = World(session_factory(engine))
    token = world.running(name=NAME, loss=LOSS)
    with engine.begin() as connection:
        for start in range(1, steps, BATCH):
            rows = list(_rows(token, range(start, min(start + BATCH, steps)), steps))
            connection.execute(insert(MetricRow), rows)
    # As trainers report: it is what the job calls its last values, and the screen asks for by name.
    with world.work() as uow:
        uow.attempts.report(token, 1, points=_points(steps, steps))
    report = json_text(whole_report(name=NAME).as_json()).encode()
    world.shipped(DirectoryBlobs(blobs), token, REPORT, report)
    with world.work() as uow:
        return uow.attempts.succeed(token, "not_evaluated").id


def _rows(token: Token, some: range, steps: int) -> Iterator[dict[str, Any]]:
    whose = {"job_id": token.job_id, "tenant_id": TENANT, "attempt": token.attempt}
    for step in some:
        for point in _points(step, steps):
            told = {"series": point.name, "step": step, "epoch": point.epoch, "value": point.value}
            yield {**whose, **told, "nonfinite": None}


def _points(step: int, steps: int) -> list[MetricPoint]:
    epoch = (step - 1) // STEPS_PER_EPOCH + 1
    ends_epoch = step % STEPS_PER_EPOCH == 0
    curves = {**CURVES, **ONCE_AN_EPOCH} if ends_epoch else CURVES
    return [
        MetricPoint(name, step, _value(start, end, step, steps, place), epoch)
        for place, (name, (start, end)) in enumerate(curves.items())
    ]


def _value(start: float, end: float, step: int, steps: int, place: int) -> float:
    """On its way from one to the other, with noise that is the same in every run."""
    noise = (step * 2654435761 + place * 40503) % 2**16 / 2**16 - 0.5
    way = math.exp(-5 * step / steps)
    return end + (start - end) * way + 0.1 * abs(end) * noise
