"""Whole epochs of ours against a plain loop: the same models, batch, images and loss.

The pairs are those of the papers with random weights: what is timed does not depend on them. How
well a teacher answers in other numbers does, so what is printed of that is no more than a sign that
the same function was computed; a run holds its own teacher against itself.
"""

from __future__ import annotations

import copy
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import geometric_mean

import numpy as np
import torch

from benchmarks.comparison import Row, arguments, compare, finish
from benchmarks.plain_loop import MEAN, STD, PlainLoop
from benchmarks.stopwatch import DATA, FORWARD, PARTS, TEACHER, Stopwatch
from kd_core.choosing import int8
from kd_core.clock import SystemClock
from kd_core.data.dataset import Samples
from kd_core.losses.catalog import TERMS
from kd_core.models.build import Plan
from kd_core.models.onnx.export import exported
from kd_core.models.onnx.network import OnnxNetwork
from kd_core.models.onnx.session import open_session
from kd_core.models.precision import Fidelity, fidelity, multiplies_bf16
from kd_core.models.teacher import Lesson, Teacher
from kd_core.objective import Objective
from kd_core.recording.recorder import Recorder
from kd_core.spec.models import Student
from kd_core.spec.recipe import Recipe
from kd_core.training.batches import Batch, Batches
from kd_core.training.reproducible import fixed_compute
from kd_core.training.steps import Learner
from kd_core.training.surroundings import Surroundings
from kd_core.training.views import Views

PAIRS = (("resnet32x4", "resnet8x4"), ("wrn_40_2", "wrn_40_1"))
CACHED = {"resnet32x4": 5.5, "wrn_40_2": 3.8}
INT8 = {"resnet32x4": 2.8, "wrn_40_2": 2.3}
ONLINE, EXACT = 2.0, 1.15
CLASSES, SIDE, BATCH, STEPS = 100, 32, 64, 3


@dataclass(frozen=True)
class Mode:
    name: str
    amp: str
    teacher: str
    cached: bool = False
    targets: Mapping[str, float] = field(default_factory=dict)
    """By the teacher."""


MODES = (
    Mode("fp32, teacher online", "fp32", "fp32"),
    Mode("bf16, teacher online", "bf16", "bf16"),
    Mode("bf16, teacher online in int8", "bf16", "int8", targets=INT8),
    Mode("fp32, teacher recorded", "fp32", "fp32", cached=True),
    Mode("bf16, teacher recorded", "bf16", "bf16", cached=True, targets=CACHED),
)


class OurLoop:
    """An epoch as the trainer runs it, without evaluation, checkpoints and events."""

    def __init__(
        self, teacher: Teacher, student: torch.nn.Module, split: Batches, mode: Mode
    ) -> None:
        self.split, self.epochs, self.watch = split, 0, Stopwatch()
        recipe = recipe_of(mode)
        self.views = Views(split, recipe, CLASSES, seed=0)
        lesson = Lesson(teacher, torch.empty(0))
        if mode.cached:
            lesson = recorded(lesson, self.views)
        lesson = Lesson(teacher, lesson.answers, recorded=self.watch.call(TEACHER, lesson.logits))
        self.watch.forward(FORWARD, student)
        terms = [TERMS[kind].model_validate({"kind": kind}) for kind in ("ce", "dkd")]
        plan = plan_of("resnet8x4")
        self.learner = Learner(student, plan, Objective(terms), recipe, lesson)
        self.learner.amp = "bf16" if mode.amp == "bf16" else "fp32"

    def epoch(self) -> None:
        for batch in self.watch.each(DATA, self._batches()):
            self.learner.step(batch, 0.05, self.epochs + 1)
        self.epochs += 1

    def _batches(self) -> Iterator[Batch]:
        for batch in self.split.shuffled(0, self.epochs):
            yield self.views.of(batch, self.epochs)


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
    recording = Recorder(lesson.teacher, views, "random", folder, around).record().recording
    return Lesson(lesson.teacher, lesson.answers, recorded=recording.logits)


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


def warmed(network: torch.nn.Module, images: torch.Tensor) -> torch.nn.Module:
    """With batch statistics of these images: what nobody normalises grows from layer to layer."""
    network.train()
    with torch.no_grad():
        for part in plan_of("resnet8x4").inputs(images).split(BATCH):
            network(part)
    return network.eval()


def in_int8(teacher: torch.nn.Module, images: torch.Tensor) -> tuple[bytes, Fidelity]:
    """The graph that comes closest, as a run chooses it, and how close that is."""
    inputs = plan_of("resnet8x4").inputs(images).split(BATCH)
    with torch.inference_mode():
        exact = torch.cat([teacher(part) for part in inputs])
    best: tuple[bytes, Fidelity] | None = None
    threads = torch.get_num_threads()
    for tried in int8.graphs(exported(teacher, SIDE), iter(inputs), threads):
        network = OnnxNetwork(open_session(tried, threads), len(tried))
        found = fidelity(torch.cat([network(part) for part in inputs]), exact)
        if best is None or found.divergence < best[1].divergence:
            best = tried, found
    if best is None:
        raise ValueError("no graph was made")
    return best


def teacher_in(mode: Mode, network: torch.nn.Module, graph: bytes) -> Teacher:
    known = Teacher(copy.deepcopy(network), plan_of("resnet8x4"), "random weights")
    if mode.teacher == "int8":
        session = open_session(graph, torch.get_num_threads())
        known.use_int8(OnnxNetwork(session, len(graph)), "random weights")
    else:
        known.use("bf16" if mode.teacher == "bf16" else "fp32")
    return known


@dataclass
class Told:
    """What is printed below the table."""

    lines: list[str] = field(default_factory=list)

    def split(self, case: str, name: str, watch: Stopwatch) -> None:
        cells = [case, name, *(f"{at:.1f}" for at in watch.split(STEPS))]
        self.lines.append(f"| {' | '.join(cells)} |")

    def show(self) -> None:
        print(f"\nWhere a step goes, ms:\n\n| case | loop | {' | '.join(PARTS)} |")
        print(f"| --- | --- | {' | '.join(['---:'] * len(PARTS))} |")
        print("\n".join(self.lines))


def everything(told: Told, *, quick: bool) -> Iterator[Row]:
    torch.manual_seed(0)
    pixels, labels = images()
    modes = [mode for mode in MODES if mode.amp == "fp32" or multiplies_bf16("cpu")]
    found: dict[str, list[float]] = {mode.name: [] for mode in modes}
    for names in PAIRS[:1] if quick else PAIRS:
        teacher, student = (plan_of(name).build("/teacher/architecture") for name in names)
        graph, close = in_int8(warmed(teacher, pixels), pixels)
        case = " -> ".join(names)
        plain, watch = watched_plain(teacher, student, pixels, labels)
        for mode in modes:
            split = split_of(pixels, labels)
            known = teacher_in(mode, teacher, graph)
            ours = OurLoop(known, copy.deepcopy(student), split, mode)
            epoch = ours.watch.epoch(ours.epoch)
            row = timed(case, mode, epoch, plain, 3 if quick else 7)
            found[mode.name].append(row.ratio or 0)
            told.split(case, mode.name, ours.watch)
            yield row
        told.split(case, "plain", watch)
        yield Row("int8 against float32", f"{case}: {close}", None, None, "", None)
    yield from means(found)


def watched_plain(
    teacher: torch.nn.Module, student: torch.nn.Module, pixels: torch.Tensor, labels: torch.Tensor
) -> tuple[Callable[[], None], Stopwatch]:
    plain = PlainLoop(copy.deepcopy(teacher), copy.deepcopy(student), pixels, labels, BATCH)
    watch = Stopwatch()
    plain.loader = watch.each(DATA, plain.loader)
    watch.forward(TEACHER, plain.teacher)
    watch.forward(FORWARD, plain.student)
    return watch.epoch(plain.epoch), watch


def timed(
    pair: str, mode: Mode, ours: Callable[[], None], plain: Callable[[], None], rounds: int
) -> Row:
    mine, theirs, ratio = compare(ours, plain, rounds)
    target = mode.targets.get(pair.split(" ", maxsplit=1)[0])
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
        told = Told()
        status = finish(everything(told, quick=given.quick), given)
    told.show()
    return status


if __name__ == "__main__":
    sys.exit(main())
