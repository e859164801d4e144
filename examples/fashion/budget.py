"""How long it will take, from a study in a minute."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fashion.study import Study


def seconds_in(run: Path, phase: str) -> float:
    """That a run has spent in a phase, over all its attempts; not the pauses between them."""
    events = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
    total, current = 0.0, ""
    for event, following in pairwise(events):
        if event["type"] in {"job.started", "job.phase_changed"}:
            current = event["data"].get("phase", "")
        if current == phase and following["type"] != "job.started":
            gap = datetime.fromisoformat(following["at"]) - datetime.fromisoformat(event["at"])
            total += gap.total_seconds()
    return total


def table(study: Study, probe: Study, methods: list[str]) -> str:
    """Minutes for each run that is left to do, and for all of them."""
    expected = {name: _expected(study, probe, name) for name in ["teacher", *methods]}
    lines = ["time budget, from a probe on this machine:"]
    for name, seconds in expected.items():
        done = (study.folder / name / "report.json").exists()
        lines.append(f"  {name:10} {'done' if done else _minutes(seconds)}")
        expected[name] = 0.0 if done else seconds
    return "\n".join([*lines, f"  {'total':10} {_minutes(sum(expected.values()))}"])


def _expected(study: Study, probe: Study, name: str) -> float:
    run = probe.folder / name
    images = study.images / probe.images
    epochs = study.epochs / probe.epochs
    students = 1 if name == "teacher" else len(study.seeds)
    training = seconds_in(run, "training") * images * epochs * students
    return training + seconds_in(run, "caching_teacher") * images


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:5.1f} min"
