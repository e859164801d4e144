"""Every declared loss, found by looking: the catalogue, and the terms a specification may name."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, cast

from pydantic import Field, create_model

from kd_core import losses
from kd_core.losses.declaration import DECLARED, LossParams, LossSpec, Weight
from kd_core.losses.weighing import Decay


def _discover() -> Mapping[str, LossSpec]:
    for module in pkgutil.iter_modules(losses.__path__):
        importlib.import_module(f"{losses.__name__}.{module.name}")
    return dict(sorted(DECLARED.items()))


LOSSES: Mapping[str, LossSpec] = _discover()


def _term_model(spec: LossSpec) -> type[LossTerm]:
    """The loss's own parameters plus what every term has: its kind, and its weight over time."""
    fields: dict[str, Any] = {
        "kind": (Literal[spec.kind], Field(description=spec.summary)),
        "weight": (Weight, Field(1.0, description="Weight of this term in the sum.")),
        "warmup_epochs": (
            Annotated[int, Field(ge=0, le=100_000)],
            Field(0, description="W: the weight is multiplied by min(epoch / W, 1), from epoch 1."),
        ),
        "decay": (
            Decay | None,
            Field(None, description="How the weight falls in later epochs; not at all when null."),
        ),
    }
    model: Any = create_model(f"{spec.params.__name__}Term", __base__=spec.params, **fields)
    return cast("type[LossTerm]", model)


TERMS: Mapping[str, type[LossTerm]] = {kind: _term_model(spec) for kind, spec in LOSSES.items()}

if TYPE_CHECKING:

    class LossTerm(LossParams):
        """What the type checker sees of the union below: the fields that every term has."""

        kind: str
        weight: float
        warmup_epochs: int
        decay: Decay | None
else:
    LossTerm = Annotated[Union[tuple(TERMS.values())], Field(discriminator="kind")]  # noqa: UP007
