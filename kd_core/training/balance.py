"""How the terms of a sum compare: one that has no say, or all of it, is a mistake worth a word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kd_core.events import Warned

if TYPE_CHECKING:
    from kd_core.objective import Objective

SAYS_NOTHING, SAYS_ALL = 0.01, 0.95


class Balance:
    """Adds up each term over an epoch. A term is spoken of once, until it is in balance again."""

    def __init__(self, objective: Objective) -> None:
        self.objective = objective
        self.sums = [0.0] * len(objective.losses)
        self.spoken_of: list[str] = []

    def add(self, measured: Mapping[str, float]) -> None:
        for position, size in enumerate(self._sizes(measured)):
            if size - size == 0:  # a bad step has taught nothing
                self.sums[position] += size

    def finish_epoch(self, epoch: int) -> Iterator[Warned]:
        """What is out of balance in the epoch that ends, counted from 1."""
        found = dict(self._out_of_balance(epoch))
        yield from (warning for name, warning in found.items() if name not in self.spoken_of)
        self.spoken_of = list(found)
        self.sums = [0.0] * len(self.sums)

    def state(self) -> dict[str, Any]:
        return {"sums": self.sums, "spoken_of": self.spoken_of}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.sums, self.spoken_of = list(state["sums"]), list(state["spoken_of"])

    def _sizes(self, measured: Mapping[str, float]) -> Iterator[float]:
        """Of each term, with all of its parts."""
        for position in range(len(self.sums)):
            prefix = f"{position}."
            yield abs(sum(at for name, at in measured.items() if name.startswith(prefix)))

    def _out_of_balance(self, epoch: int) -> Iterator[tuple[str, Warned]]:
        total = sum(self.sums)
        if len(self.sums) == 1 or total == 0:
            return
        for position, (loss, size) in enumerate(zip(self.objective.losses, self.sums, strict=True)):
            share, name = size / total, f"{position}.{loss.spec.kind}"
            if loss.factor(epoch) != 1:  # on its way up or down: small because it was asked to be
                continue
            if share < SAYS_NOTHING:
                hint = "raise its weight, or leave it out"
                yield f"{name}-", _warning("term_negligible", name, share, epoch, hint)
            elif share > SAYS_ALL:
                hint = "lower its weight, or the other terms have no say"
                yield f"{name}+", _warning("term_dominant", name, share, epoch, hint)


def _warning(code: str, name: str, share: float, epoch: int, hint: str) -> Warned:
    message = f"the term {name} made up {share:.2%} of the loss in epoch {epoch}"
    return Warned(code=code, message=message, hint=hint)
