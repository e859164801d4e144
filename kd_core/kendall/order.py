"""The order of the classes by their logits, and the place of each class in it."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from kd_core import ops


class Order(NamedTuple):
    classes: Tensor  # [B, C], the class at each place, by ascending logit
    ranks: Tensor  # [B, C], the place of each class


def ascending(logits: Tensor) -> Order:
    """Ties by lower class first."""
    order = ops.descending_order(-logits)
    places = torch.arange(logits.shape[1], device=logits.device).expand_as(order)
    return Order(order, torch.empty_like(order).scatter_(1, order, places))
