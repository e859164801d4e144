"""Every preset of a recipe, cut short, trains a small student to the end."""

from __future__ import annotations

import math

import pytest

import kd_core
from kd_core.events import Metrics
from kd_core.spec import Recipe
from kd_core.spec.presets import presets
from tests.support.small_runs import WITH_TEACHER, save_teacher, small_data, small_spec

SHORT = {"epochs": 3, "batch_size": 4, "checkpoint_every_s": 3600}


def shortened(name):
    steps = Recipe.model_validate({"preset": name}).schedule.kind == "step"
    schedule = {"warmup_epochs": 1} | ({"milestones": [2]} if steps else {})
    return SHORT | {"preset": name, "schedule": schedule}


@pytest.mark.parametrize("name", presets("recipe"))
def test_it_trains_to_the_end(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    small_data("data.npz", count=40)
    save_teacher("teacher.safetensors")
    recipe, curves = shortened(name), {}

    def listen(event):
        for point in event.data.points if isinstance(event.data, Metrics) else ():
            curves.setdefault(point.name, []).append(point.value)

    spec = small_spec(**WITH_TEACHER | {"loss": "pld", "recipe": recipe})
    report = kd_core.distill(spec, "out", listen)

    assert 3 == report.seeds[0].last.epoch
    assert all(math.isfinite(value) for value in curves["train/loss"])
    assert max(curves["train/lr"]) == Recipe.model_validate(recipe).optimizer.lr
