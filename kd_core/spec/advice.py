"""What a specification may well mean, and probably does not: said as warnings, never refused."""

from __future__ import annotations

from collections.abc import Iterator

from kd_core.errors import Problem
from kd_core.losses.catalog import LOSSES
from kd_core.losses.declaration import Needs
from kd_core.spec.document import DistillSpec


def advice(spec: DistillSpec) -> Iterator[Problem]:
    kinds = [term.kind for term in spec.loss]
    if "pld" in kinds and "ce" in kinds:
        yield Problem(
            "pld_beside_ce",
            "the published PLD trains without cross-entropy: its first rank is the label already",
            "drop the ce term, unless you mean it",
            f"/loss/{kinds.index('ce')}",
        )
    if set(kinds) == {"rkkd"}:
        yield Problem(
            "rkkd_alone",
            "rkkd teaches an order, not probabilities: it was published beside another loss",
            "add the terms that it supports; loss: rkkd means ce + kd + rkkd",
            "/loss",
        )
    at_rest = spec.recipe.epochs - spec.recipe.schedule_epochs
    if at_rest > 0 and getattr(spec.recipe.schedule, "final_fraction", None) == 0:
        yield Problem(
            "schedule_at_rest",
            f"next to nothing is learnt in the last {at_rest} of {spec.recipe.epochs} epochs: by "
            "then the schedule has brought the learning rate to zero",
            "set schedule.final_fraction, or leave schedule.epochs out",
            "/recipe/schedule",
        )
    looked_at = any(Needs.TEACHER_LOGITS in LOSSES[kind].needs for kind in kinds)
    if spec.all_teachers and not looked_at:
        yield Problem(
            "teacher_unused",
            "no term of the loss looks at the teacher; it is only compared with",
            "add a term that learns from it, such as {kind: kd}",
            "/teacher" if spec.teachers is None else "/teachers",
        )
