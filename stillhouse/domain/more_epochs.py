"""A job that is to train longer than it was asked for: its specification, sent and resolved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from kd_core.spec.lengthening import lengthened
from stillhouse.domain.job_spec import parse_job_spec

MOST_EXTRA_EPOCHS = 10_000


class Longer(NamedTuple):
    spec: Mapping[str, Any]
    """As if it had been sent so."""
    resolved: Mapping[str, Any]
    fingerprint: str
    epochs: int
    """In all."""

    @classmethod
    def by(cls, extra_epochs: int, sent: Mapping[str, Any], resolved: Mapping[str, Any]) -> Longer:
        """`Invalid` where no job can have so many epochs."""
        longer = parse_job_spec(lengthened(resolved, resolved, extra_epochs))
        return cls(
            spec=lengthened(sent, resolved, extra_epochs),
            resolved=longer.resolved(),
            fingerprint=longer.fingerprint,
            epochs=longer.recipe.epochs,
        )
