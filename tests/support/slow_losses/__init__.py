"""The losses straight from their definitions: loops over floats, slow and plain to read.

Nothing here is shared with kd_core, so that an agreement of the two means something. Each loss is a
file that leaves a `SlowLoss`, or a `SlowBatchLoss`, under the name SLOW.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

from tests.support.slow_losses.slow_loss import SlowBatchLoss, SlowLoss


def _discover() -> Mapping[str, SlowLoss | SlowBatchLoss]:
    found = {}
    for module in pkgutil.iter_modules(__path__):
        slow = getattr(importlib.import_module(f"{__name__}.{module.name}"), "SLOW", None)
        if slow is not None:
            found[module.name] = slow
    return found


SLOW = _discover()
