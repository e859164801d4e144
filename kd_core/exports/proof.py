"""A file is held against the student it was made of, and tried on everything held out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from kd_core.exports.clean_process import CleanProcess
from kd_core.exports.refusal import Unexportable
from kd_core.report import Parity, Undecided
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


@dataclass(frozen=True)
class Proof:
    parity: Parity
    logits: Tensor
    """Of everything held out. [N, C]"""
    milliseconds: Tensor
    """Of batches of one. [repeats]"""


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
        self._plan = student.plan
        self._images = images_on("cpu", samples.images)
        self._threads = threads
        self._batch_size = batch_size
        self._between = between
        places = torch.linspace(0, len(samples) - 1, ROUNDS * sum(BATCHES)).long()
        self._names = [samples.names[place] for place in places.tolist()]
        self._pixels = self._plan.pixels(self._images[places])
        with torch.no_grad():
            self._exact = student.network(self._plan.inputs(self._pixels)).float()

    def of(self, file: Path) -> Proof:
        """Loaded in a process of its own; a file that answers otherwise is Unexportable."""
        with CleanProcess(file, self._threads) as process:
            parity = self._parity(process)
            everything = torch.split(torch.arange(len(self._images)), self._batch_size)
            answers = [self._answered(process, places) for places in everything]
            return Proof(parity, torch.cat(answers), process.milliseconds())

    def parity(self, file: Path) -> Parity:
        """The same without what takes long, for a file that is measured elsewhere."""
        with CleanProcess(file, self._threads) as process:
            return self._parity(process)

    def _parity(self, process: CleanProcess) -> Parity:
        parts = torch.split(self._pixels, list(BATCHES * ROUNDS))
        tried = torch.cat([process.logits(part) for part in parts])
        return compared(tried, self._exact, self._names)

    def _answered(self, process: CleanProcess, places: Tensor) -> Tensor:
        self._between()
        return process.logits(self._plan.pixels(self._images[places]))


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
