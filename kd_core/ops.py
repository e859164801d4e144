"""Log-space maths that several losses share. Half precision is widened, nothing is subtracted
that could be summed, and nothing is masked by a large number.
"""

from __future__ import annotations

import torch
from torch import Tensor


def widen(logits: Tensor) -> Tensor:
    """Half precision to float32; float32 and float64 stay what they are."""
    return logits.float() if logits.dtype in (torch.float16, torch.bfloat16) else logits


def log_probabilities(logits: Tensor, temperature: float | Tensor) -> Tensor:
    """Log-softmax over the classes at a temperature. [B, C] -> [B, C]"""
    return torch.log_softmax(widen(logits) / temperature, dim=1)


def kl_rows(log_q: Tensor, log_p: Tensor) -> Tensor:
    """KL(q || p) of each row, both given as log-probabilities. [B, C], [B, C] -> [B]

    Both are finite (log-softmax of finite logits), so q log q tends to 0 with q and is never NaN.
    """
    return (log_q.exp() * (log_q - log_p)).sum(dim=1)


def other_classes(labels: Tensor, classes: int) -> Tensor:
    """The indices of every class but the label, ascending. [B] -> [B, C - 1]

    Gathering by them restricts a row exactly; subtracting a large number from the label would
    leak into the group once the logits spread.
    """
    ranks = torch.arange(classes - 1, device=labels.device).expand(len(labels), -1)
    return ranks + (ranks >= labels.unsqueeze(1))


def descending_order(logits: Tensor) -> Tensor:
    """Class indices by descending logit, ties by lower index first, on every device. [B, C]"""
    return torch.argsort(logits, dim=1, descending=True, stable=True)


def reverse_logcumsumexp(values: Tensor) -> Tensor:
    """Log sum of exp over positions k..C, for every k. [B, C] -> [B, C]"""
    return values.flip(1).logcumsumexp(dim=1).flip(1)
