"""One training among several of a phase: seed after seed, each with its place in the whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

    from kd_core.events import Phase


@dataclass(frozen=True)
class Trial:
    """Where it stands: steps and checkpoints of a phase count on from trial to trial."""

    phase: Phase
    seed: int
    number: int = 0
    count: int = 1
    view_seed: int = 0
    """Decides how images are changed; trials that share recorded answers share it."""

    @property
    def folder(self) -> str:
        return self.phase if self.number == 0 else f"{self.phase}-seed-{self.seed}"

    @property
    def prefix(self) -> str:
        """Before the names of its curves; the first trial's stand alone."""
        return "" if self.number == 0 else f"seed-{self.seed}/"


@dataclass(frozen=True)
class Score:
    epoch: int
    top1: float


@dataclass(frozen=True)
class Trained:
    """A network after its last step, with its accuracy then and when it was best."""

    seed: int
    network: nn.Module
    last: Score | None
    best: Score | None
    """None on unlabelled data, as `last`."""
