"""Where a kernel may be used: one place to ask, and to switch all of them off.

Anything but a yes means torch's own operations, which compute the same on every machine.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache
from typing import Literal

import torch
from torch import Tensor

logger = logging.getLogger(__name__)

Kernel = Literal["groups", "pld", "rkkd"]

FEWEST_CLASSES = 2
MOST_CLASSES: Mapping[Kernel, int] = {
    "groups": 1 << 20,  # it walks over a row in tiles: no size is too large, this one is ample
    "pld": 1 << 14,  # one program holds a whole row: more would not fit its registers
    "rkkd": 1 << 16,  # every pair is computed, and these are four billion a row
}


def usable(student: Tensor, kernel: Kernel, *, allowed: bool = True) -> bool:
    """Whether `kernel` can take these logits [B, C], here and now. `allowed=False`: never."""
    return allowed and student.is_cuda and fits(student, kernel) and launches(student.device)


def fits(student: Tensor, kernel: Kernel) -> bool:
    """Whether `kernel` takes logits [B, C] of this type and size, wherever they are."""
    return (
        student.dtype == torch.float32
        and len(student) > 0
        and FEWEST_CLASSES <= student.shape[1] <= MOST_CLASSES[kernel]
    )


@cache
def launches(device: torch.device) -> bool:
    """Whether a kernel runs on this device at all, found out once, by running one.

    Being installed is not enough: Triton builds a part of itself with the machine's C compiler the
    first time, and refuses devices that are too old.
    """
    try:
        from kd_core.kernels.pld import pld_value_and_gradient

        row = torch.zeros(1, 2, device=device)
        pld_value_and_gradient(row, row)
    except Exception as problem:  # noqa: BLE001 - a compiler's failures have no class in common
        logger.warning("no Triton kernels on %s, torch computes instead: %s", device, problem)
        return False
    return True
