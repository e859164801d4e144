"""Whole epochs of ours against a plain loop: the same models, batch, images and loss.

The pairs are those of the papers with random weights: what is timed does not depend on them.
"""

from __future__ import annotations

import copy
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import geometric_mean

import numpy as np
import torch

from benchmarks.comparison import Row, arguments, compare, finish
from benchmarks.plain_loop import MEAN, STD, PlainLoop
from kd_core.clock import SystemClock
from kd_core.data.dataset import Samples
from kd_core.losses.catalog import TERMS
from kd_core.models.build import Plan
from kd_core.models.precision import multiplies_bf16
from kd_core.models.teacher import Lesson, Teacher
from kd_core.objective import Objective
from kd_core.recording.recorder import Recorder
from kd_core.spec.models import Student
from kd_core.spec.recipe import Recipe
from kd_core.training.batches import Batches
from kd_core.training.reproducible import fixed_compute
from kd_core.training.steps import Learner
from kd_core.training.surroundings import Surroundings
from kd_core.training.views import Views

PAIRS = (("resnet32x4", "resnet8x4"), ("wrn_40_2", "wrn_40_1"))
CACHED = {"resnet32x4": 5.5, "wrn_40_2": 3.8}
ONLINE, EXACT = 2.0, 1.15
CLASSES, SIDE, BATCH, STEPS = 100, 32, 64, 3


@dataclass(frozen=True)
class Mode:
    name: str
    amp: str
    teacher: str
    cached: bool = False


MODES = (
    Mode("fp32, teacher online", "fp32", "fp32"),
    Mode("bf16, teacher online", "bf16", "bf16"),
    Mode("fp32, teacher recorded", "fp32", "fp32", cached=True),
    Mode("bf16, teacher recorded", "bf16", "bf16", cached=True),
)


class OurLoop:
    """An epoch as the trainer runs it, without evaluation, checkpoints and events."""

    def __init__(
        self, teacher: torch.nn.Module, student: torch.nn.Module, split: Batches, mode: Mode
    ) -> None:
        self.split, self.epochs = split, 0
        recipe = recipe_of(mode)
        plan = plan_of("resnet8x4")
        known = Teacher(teacher, plan, "random weights")
        known.use("bf16" if mode.teacher == "bf16" else "fp32")
        self.views = Views(split, recipe, CLASSES, seed=0)
        lesson = Lesson(known, torch.empty(0))
        if mode.cached:
            lesson = recorded(lesson, self.views)
        terms = [TERMS[kind].model_validate({"kind": kind}) for kind in ("ce", "dkd")]
        self.learner = Learner(student, plan, Objective(terms), recipe, lesson)
        self.learner.amp = "bf16" if mode.amp == "bf16" else "fp32"

    def epoch(self) -> None:
        for batch in self.split.shuffled(0, self.epochs):
            self.learner.step(self.views.of(batch, self.epochs), 0.05, self.epochs + 1)
        self.epochs += 1


def recipe_of(mode: Mode) -> Recipe:
    cache = {"teacher_cache": {"views": 2}} if mode.cached else {}
    return Recipe.model_validate(
        {
            "epochs": 1000,
            "batch_size": BATCH,
            "optimizer": {"kind": "sgd"},
            "augment": {"kind": "flip_crop"},
            **cache,
        }
    )


def plan_of(architecture: str) -> Plan:
    return Plan.of(Student(architecture=architecture, mean=MEAN, std=STD), CLASSES, SIDE)


def recorded(lesson: Lesson, views: Views) -> Lesson:
    folder = Path(tempfile.mkdtemp(prefix="recorded-"))
    around = Surroundings(lambda _: None, SystemClock(), lambda: False)
    recording = Recorder(lesson.teacher, views, "random", folder, around).record()
    return Lesson(lesson.teacher, lesson.answers, recording.logits)


def images() -> tuple[torch.Tensor, torch.Tensor]:
    draw = np.random.default_rng(0)
    count = BATCH * STEPS
    pixels = draw.integers(0, 256, (count, SIDE, SIDE, 3), dtype=np.uint8)
    return torch.from_numpy(pixels), torch.from_numpy(draw.integers(0, CLASSES, count))


def split_of(pixels: torch.Tensor, labels: torch.Tensor) -> Batches:
    names = tuple(map(str, range(len(labels))))
    samples = Samples(
        images=pixels.numpy(), labels=labels.numpy(), names=names, index=np.arange(len(labels))
    )
    return Batches(samples, BATCH, "cpu")


def everything(*, quick: bool) -> Iterator[Row]:
    torch.manual_seed(0)
    pixels, labels = images()
    modes = [mode for mode in MODES if mode.amp == "fp32" or multiplies_bf16("cpu")]
    found: dict[str, list[float]] = {mode.name: [] for mode in modes}
    for names in PAIRS[:1] if quick else PAIRS:
        teacher, student = (plan_of(name).build("/teacher/architecture") for name in names)
        plain = PlainLoop(copy.deepcopy(teacher), copy.deepcopy(student), pixels, labels, BATCH)
        for mode in modes:
            split = split_of(pixels, labels)
            ours = OurLoop(copy.deepcopy(teacher), copy.deepcopy(student), split, mode)
            row = timed(" -> ".join(names), mode, ours.epoch, plain.epoch, 3 if quick else 7)
            found[mode.name].append(row.ratio or 0)
            yield row
    yield from means(found)


def timed(
    pair: str, mode: Mode, ours: Callable[[], None], plain: Callable[[], None], rounds: int
) -> Row:
    mine, theirs, ratio = compare(ours, plain, rounds)
    target = CACHED[pair.split(" ", maxsplit=1)[0]] if mode.cached and mode.amp == "bf16" else None
    return Row(
        mode.name, pair, 1e3 * mine / STEPS, 1e3 * theirs / STEPS, "ms a step", ratio, target
    )


def means(found: dict[str, list[float]]) -> Iterator[Row]:
    targets = {MODES[0].name: EXACT, MODES[1].name: ONLINE}
    for name, ratios in found.items():
        if name in targets:
            case = "geometric mean of the pairs"
            yield Row(name, case, None, None, "", geometric_mean(ratios), targets[name])


def main() -> int:
    parser = arguments(__doc__ or "")
    parser.add_argument("--threads", type=int, default=1, help="1 is what targets are meant for")
    given = parser.parse_args()
    print(f"torch {torch.__version__}, {given.threads} thread(s), batch {BATCH}\n")
    with fixed_compute(given.threads, "cpu"):
        return finish(everything(quick=given.quick), given)


if __name__ == "__main__":
    sys.exit(main())
