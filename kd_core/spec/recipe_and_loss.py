"""What a recipe and a loss have to say about each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kd_core.losses.catalog import LOSSES
from kd_core.losses.declaration import Needs
from kd_core.spec.section import misplaced

if TYPE_CHECKING:
    from kd_core.losses.catalog import LossTerm
    from kd_core.spec.recipe import Recipe

CE = "ce"


def check_together(loss: Sequence[LossTerm], recipe: Recipe, *, baseline: bool) -> None:
    """Refuse a step in parts where a term wants it whole, and smoothing without a term for it."""
    whole = whole_batch_term(loss)
    if whole is not None and recipe.accumulate > 1:
        raise misplaced(
            "/recipe/accumulate",
            "loss_needs_whole_batch",
            f"the loss {whole} compares the samples of a whole batch with each other, and "
            f"accumulate cuts it into {recipe.accumulate}",
            "write accumulate: 1 and the whole batch as batch_size, or drop that term",
        )
    if recipe.label_smoothing and not baseline and all(term.kind != CE for term in loss):
        raise misplaced(
            "/recipe/label_smoothing",
            "nothing_to_smooth",
            "labels are smoothed in the term ce, and this loss has none",
            "drop recipe.label_smoothing, or add a ce term",
        )


def whole_batch_term(loss: Sequence[LossTerm]) -> str | None:
    """The first loss whose value is no mean over samples."""
    return next((at.kind for at in loss if Needs.WHOLE_BATCH in LOSSES[at.kind].needs), None)


def smoothed(loss: Sequence[LossTerm], label_smoothing: float) -> tuple[LossTerm, ...]:
    """The same terms; a cross-entropy without label_smoothing of its own takes this."""
    return tuple(_smoothed(term, label_smoothing) if term.kind == CE else term for term in loss)


def _smoothed(term: Any, label_smoothing: float) -> Any:
    return term.model_copy(update={"label_smoothing": term.label_smoothing or label_smoothing})
