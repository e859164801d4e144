"""The order of the classes by their logits, of all samples in one sort."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

SIGN = 0x7FFFFFFF  # all bits of an int32 but the one of the sign


class Order(NamedTuple):
    classes: Tensor  # [B, C], the class at each place, by ascending logit
    ranks: Tensor  # [B, C], the place of each class


def ascending(logits: Tensor) -> Order:
    """Of float32 logits, which are finite.

    Integers are sorted digit by digit, several times faster than floats are by comparison. As
    integers, the bits of positive floats rise with them and those of negative ones fall; with the
    sample above the logit in one integer, one sort is the sort of every sample.
    """
    samples, classes = logits.shape
    bits = logits.contiguous().view(torch.int32)
    rising = (bits >> 31).bitwise_and_(SIGN).bitwise_xor_(bits).long()
    sample = torch.arange(samples, device=logits.device).unsqueeze(1)
    keys = rising.sub_(torch.iinfo(torch.int32).min).add_(sample << 32)
    order = keys.flatten().sort(stable=True).indices.view(samples, classes)
    order -= sample * classes
    places = torch.arange(classes, device=logits.device).expand(samples, -1)
    return Order(order, torch.empty_like(order).scatter_(1, order, places))
