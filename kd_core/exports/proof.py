"""A file is held against the student it was made of, and tried on everything held out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import torch

from kd_core.exports.clean_process import CleanProcess, Cost
from kd_core.exports.refusal import Unexportable
from kd_core.metrics import agreement
from kd_core.report import Int8Grid, Parity, Undecided
from kd_core.training.on_device import images_on

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from torch import Tensor

    from kd_core.data.dataset import Samples
    from kd_core.exports.student import Student

BATCHES = (1, 2, 7)
ROUNDS = 3  # of those, each on other images
MOST_DIFFERENCE = 1e-3
MOST_BETWEEN_BATCHES = 0.1  # in int8, where rounding otherwise in one place is a step in the next
GLANCED_AT = 2000


@dataclass(frozen=True)
class Proof:
    parity: Parity | None
    """Of a file that keeps the student's float32."""
    logits: Tensor
    """Of everything held out. [N, C]"""
    cost: Cost
    grid: Int8Grid | None = None


@dataclass(frozen=True)
class Glance:
    """What a file is worth that may not be kept, on some of what is held out."""

    samples: int
    top1: float | None
    agreement: float
    """With the student in float32."""
    cost: Cost


class Trial:
    """What every file of one student is tried on, with what PyTorch answers on the CPU."""

    def __init__(
        self,
        student: Student,
        samples: Samples,
        *,
        threads: int,
        batch_size: int,
        between: Callable[[], None],
    ) -> None:
        """`between` is called before each batch of all that is held out, and may raise."""
        self._student = student
        self._plan = student.plan
        self._images = images_on("cpu", samples.images)
        self._labels = None if samples.labels is None else torch.from_numpy(samples.labels)
        self._threads = threads
        self._batch_size = batch_size
        self._between = between
        places = torch.linspace(0, len(samples) - 1, ROUNDS * sum(BATCHES)).long()
        self._names = [samples.names[place] for place in places.tolist()]
        self._pixels = self._plan.pixels(self._images[places])

    def of(self, file: Path) -> Proof:
        """Loaded in a process of its own; a file that answers otherwise is Unexportable."""
        with CleanProcess(file, self._threads) as process:
            parity = self._parity(process)
            return Proof(parity, self._answers(process, self._everything), process.cost())

    def cost(self, file: Path) -> Cost:
        """The same without what takes long, for a file whose worth is measured elsewhere."""
        with CleanProcess(file, self._threads) as process:
            self._parity(process)
            return process.cost()

    def of_lossy(self, file: Path) -> Proof:
        """The same of a file that may answer otherwise than the student, but not otherwise in
        another batch.
        """
        with CleanProcess(file, self._threads) as process:
            check_batches(self._in_batches(process), process.logits(self._pixels))
            return Proof(None, self._answers(process, self._everything), process.cost())

    def glance(self, file: Path) -> Glance:
        with CleanProcess(file, self._threads) as process:
            logits = self._answers(process, self._some)
            cost = process.cost()
        return Glance(
            samples=len(self._some),
            top1=None
            if self._labels is None
            else (logits.argmax(dim=1) == self._labels[self._some]).double().mean().item(),
            agreement=agreement(logits, self._exact),
            cost=cost,
        )

    @cached_property
    def _everything(self) -> Tensor:
        return torch.arange(len(self._images))

    @cached_property
    def _some(self) -> Tensor:
        count = len(self._images)
        return torch.linspace(0, count - 1, min(count, GLANCED_AT)).long()

    @cached_property
    def _exact(self) -> Tensor:
        """What the student says to some of what is held out. float32 [N, C]"""
        parts = torch.split(self._some, self._batch_size)
        return torch.cat([self._by_student(self._pixels_of(places)) for places in parts])

    def _by_student(self, pixels: Tensor) -> Tensor:
        with torch.no_grad():
            answer: Tensor = self._student.network(self._plan.inputs(pixels)).float()
        return answer

    def _parity(self, process: CleanProcess) -> Parity:
        exact = self._by_student(self._pixels)
        return compared(self._in_batches(process), exact, self._names)

    def _in_batches(self, process: CleanProcess) -> Tensor:
        parts = torch.split(self._pixels, list(BATCHES * ROUNDS))
        return torch.cat([process.logits(part) for part in parts])

    def _answers(self, process: CleanProcess, places: Tensor) -> Tensor:
        parts = torch.split(places, self._batch_size)
        return torch.cat([process.logits(self._pixels_of(part)) for part in parts])

    def _pixels_of(self, places: Tensor) -> Tensor:
        self._between()
        return self._plan.pixels(self._images[places])


def check_batches(answers: Tensor, together: Tensor) -> None:
    """Logits [N, C] of the same images, asked for in small batches and all at once."""
    allowed = MOST_BETWEEN_BATCHES * together.std().item()
    difference = (answers - together).abs().max().item()
    if not difference <= allowed:  # what is not a number is not below anything
        raise Unexportable(
            f"it answers otherwise to an image when other images are beside it: its logits differ "
            f"by {difference:.2g}, and {allowed:.2g} is allowed"
        )


def compared(answers: Tensor, exact: Tensor, names: list[str]) -> Parity:
    """Logits [N, C] against PyTorch's; Unexportable where they are not the same for any purpose."""
    if answers.shape != exact.shape:
        raise Unexportable(f"it answers with {answers.shape[1]} logits, not {exact.shape[1]}")
    allowed = MOST_DIFFERENCE * exact.std().item()
    difference = (answers - exact).abs().max().item()
    if not difference <= allowed:  # what is not a number is not below anything
        raise Unexportable(
            f"its logits differ from PyTorch's by {difference:.2g}, and {allowed:.2g} is allowed"
        )
    best, other = exact.argmax(dim=1), answers.argmax(dim=1)
    rows = (best != other).nonzero().flatten()
    margins = exact[rows, best[rows]] - exact[rows, other[rows]]
    if bool((margins > allowed).any()):
        raise Unexportable("its best class is not PyTorch's, which is better by more than rounding")
    undecided = {
        names[row]: Undecided(sample=names[row], margin=margin)
        for row, margin in zip(rows.tolist(), margins.tolist(), strict=True)
    }
    return Parity(
        samples=len(set(names)),
        batches=BATCHES,
        max_difference=difference,
        allowed=allowed,
        undecided=tuple(undecided.values()),
    )
