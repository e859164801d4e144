"""The curves of a run: averages over a few steps at a time, kept across a resume."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kd_core.events import MetricPoint, Metrics
from kd_core.training.trial import Trial

POINTS_PER_EPOCH = 10


class Series:
    """Adds up what steps measured until a point of the curve is due."""

    def __init__(self, trial: Trial, steps_per_epoch: int) -> None:
        self.trial = trial
        self.every = max(1, steps_per_epoch // POINTS_PER_EPOCH)
        self.sums: dict[str, float] = {}
        self.steps = 0
        self.images = 0
        self.rate = 0.0
        self.last_point_at: float | None = None
        self.now = 0.0

    @property
    def is_due(self) -> bool:
        return self.steps >= self.every

    def add(self, measured: Mapping[str, float], rate: float, images: int, now: float) -> None:
        for name, value in measured.items():
            self.sums[name] = self.sums.get(name, 0.0) + value
        self.steps += 1
        self.images += images
        self.rate = rate
        self.now = now

    def points(self, step: int, epoch: int) -> Metrics:
        """The averages since the last point, which they become."""
        means = {_name(name): value / self.steps for name, value in self.sums.items()}
        means["train/lr"] = self.rate
        if self.last_point_at is not None and self.now > self.last_point_at:
            means["train/images_per_s"] = self.images / (self.now - self.last_point_at)
        self.sums, self.steps, self.images = {}, 0, 0
        self.last_point_at = self.now
        return self.named(means, step, epoch)

    def named(self, values: Mapping[str, float], step: int, epoch: int) -> Metrics:
        points = [
            MetricPoint.of(f"{self.trial.prefix}{name}", step, epoch, value)
            for name, value in values.items()
        ]
        return Metrics(phase=self.trial.phase, points=tuple(points))

    def state(self) -> dict[str, Any]:
        return {"sums": self.sums, "steps": self.steps, "images": self.images}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.sums, self.steps, self.images = state["sums"], state["steps"], state["images"]


def _name(measured: str) -> str:
    """A bare `<n>.<kind>.<part>` is a term; everything else has a name of its own."""
    is_term = measured.split(".", maxsplit=1)[0].isdigit()
    return f"train/term/{measured}" if is_term else f"train/{measured}"
