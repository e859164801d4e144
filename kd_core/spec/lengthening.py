"""More epochs of a run that has begun: what is written so that all it has done stays right.

The schedule keeps the length that it had, so no step that was taken would now be another one. The
longer document is one that anybody could have written from the start.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kd_core.spec.document import DistillSpec

Document = Mapping[str, Any]


def lengthened(document: Document, resolved: Document, extra_epochs: int) -> dict[str, Any]:
    """`document`, which means `resolved`, with so many epochs more."""
    recipe = resolved["recipe"]
    given = document.get("recipe") or {}
    runs_over = recipe["schedule"].get("epochs", recipe["epochs"])
    schedule = {**(given.get("schedule") or {}), "epochs": runs_over}
    longer = {"epochs": recipe["epochs"] + extra_epochs, "schedule": schedule}
    return {**document, "recipe": {**given, **longer}}


def is_longer(spec: DistillSpec, begun: Document) -> bool:
    """Whether it asks for more epochs of what has begun, a resolved document, and for nothing
    else.
    """
    try:
        extra_epochs = spec.recipe.epochs - begun["recipe"]["epochs"]
        expected = lengthened(begun, begun, extra_epochs)
    except (KeyError, TypeError, AttributeError):  # it is read from a file, and may be anything
        return False
    wanted = spec.resolved()
    differs = {key for key in wanted | expected if wanted.get(key) != expected.get(key)}
    return extra_epochs > 0 and differs <= spec.NOT_SCIENCE
