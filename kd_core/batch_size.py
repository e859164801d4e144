"""`batch_size: auto`: tried once on this machine, written down, halved once if memory runs out."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from kd_core.climbing import ENOUGH, Climb
from kd_core.errors import OutOfMemory
from kd_core.events import Chosen, Warned
from kd_core.shortage import LESS_MEMORY, bytes_asked_for, in_words, is_out_of_memory
from kd_core.spec.recipe_and_loss import whole_batch_term
from kd_core.training.reproducible import random_state, restore_random_state

if TYPE_CHECKING:
    from kd_core.attempt import Attempt
    from kd_core.data.dataset import DataSet
    from kd_core.spec.recipe import Recipe
    from kd_core.training.steps import Learner
    from kd_core.training.trial import Trained

Make = Callable[["Recipe"], "Learner"]
LEARNING = ("training_teacher", "training_baseline", "training")


@dataclass(frozen=True)
class BatchSize:
    """Of a recipe of the attempt: the student's, or the teacher's own (`of`: "teacher.")."""

    attempt: Attempt
    recipe: Recipe
    of: str = ""

    @property
    def settled(self) -> Recipe:
        """The recipe with what was chosen in it."""
        return self.attempt.settled(self.recipe, self.of)

    def choose(self, make: Make, dataset: DataSet) -> None:
        """Try sizes with a learner as `make` makes it, unless there is nothing left to choose."""
        if self.settled.batch_size != "auto":
            return
        before = random_state()
        recipe = self.recipe.model_copy(update={"batch_size": ENOUGH, "accumulate": 1})
        size, why = Climb(self.attempt, make(recipe), dataset).best(self.recipe.accumulate)
        restore_random_state(before)
        _release()
        self._remember({"batch_size": size}, why)

    def train(self, make: Make, dataset: DataSet, *, number: int = 0, count: int = 1) -> Trained:
        """Train what `make` makes; where memory runs out, go on in halves of an `auto` batch."""
        try:
            return self.attempt.train(make(self.settled), dataset, number=number, count=count)
        except Exception as error:
            if not (is_out_of_memory(error) and self._may_halve):
                raise
            happened = _what_happened(error, self.attempt)
        # Not in the handler: what failed keeps its tensors for as long as it is being handled.
        _release()
        self._halve(happened)
        return self.attempt.train(make(self.settled), dataset, number=number, count=count)

    @property
    def _may_halve(self) -> bool:
        """Once in a run, never a size that was asked for by number, nor a batch that a loss needs
        whole (a baseline has the batches of its student).
        """
        halved = f"{self.of}accumulate" in self.attempt.chosen
        whole = None if self.of else whole_batch_term(self.attempt.spec.loss)
        return self.recipe.batch_size == "auto" and not halved and whole is None

    def _halve(self, happened: str) -> None:
        before = self.settled
        parts = before.accumulate * 2
        size = before.samples_per_step // parts
        self.attempt.emit(
            Warned(
                code="batch_halved",
                message=f"{happened}; training goes on with batches of "
                f"{size}, of which {parts} make a step",
                hint="write recipe.batch_size and recipe.accumulate to have it so from the start",
            )
        )
        self._remember({"batch_size": size, "accumulate": parts}, "memory ran out")

    def _remember(self, sizes: dict[str, int], why: str) -> None:
        chosen = {f"{self.of}{name}": str(value) for name, value in sizes.items()}
        self.attempt.folder.choose(chosen)
        for name, value in chosen.items():
            self.attempt.emit(Chosen(name=name, value=value, why=why))


def out_of_memory(error: BaseException, attempt: Attempt) -> OutOfMemory:
    """What the user is told: where it happened, what was tried, and the way out."""
    message = _what_happened(error, attempt)
    if attempt.phase == "preparing_data":
        hint = "lower data.image_size, or use fewer images"
        return OutOfMemory(message, hint=hint, pointer="/data/image_size")
    owner = "/teacher" if attempt.phase == "training_teacher" else ""
    return OutOfMemory(message, hint=LESS_MEMORY, pointer=f"{owner}/recipe/batch_size")


def _what_happened(error: BaseException, attempt: Attempt) -> str:
    on_host = isinstance(error, MemoryError | OSError) or "CPU" in str(error)
    asked = bytes_asked_for(error)
    more = "" if asked is None else f": {in_words(asked)} more could not be had"
    recipe, side = attempt.recipe_in_use, attempt.spec.data.image_size
    batches = f" (batches of {recipe.batch_size} images of {side}x{side})"
    return (
        f"no memory left on {'cpu' if on_host else attempt.device} in phase {attempt.phase}{more}"
        f"{batches if attempt.phase in LEARNING else ''}"
    )


def _release() -> None:
    """Give back what nobody uses any more."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
