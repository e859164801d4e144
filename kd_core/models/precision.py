"""In which numbers a network computes: what is asked for, what this machine is good at, what holds.

float32 is the reference. bfloat16 has a third of its digits; where a processor multiplies it
natively it is twice as fast, and int8 four times. A teacher is held against itself in float32
before it may use them.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import torch

from kd_core import ops
from kd_core.metrics import agreement

if TYPE_CHECKING:
    from torch import Tensor, nn

Precision = Literal["fp32", "bf16"]
TeacherPrecision = Literal["fp32", "bf16", "int8"]
TEMPERATURE = 4.0  # at which a divergence shows differences beyond the best class
MOST_DIVERGENCE, LEAST_AGREEMENT, LEAST_ORDER = 1e-3, 0.995, 0.99
PAIRS_OF_CLASSES = 64  # classes that orders are compared over: all pairs of 1000 are too many


@dataclass(frozen=True)
class Fidelity:
    """How far answers in other numbers are from those in float32, over some images."""

    divergence: float
    agreement: float
    order: float
    """Kendall's tau of the classes, mean over the images."""

    def is_good(self, *, ranks: bool) -> bool:
        """Whether nobody who learns from these answers would notice; `ranks`: nor from ranks."""
        return (
            self.divergence <= MOST_DIVERGENCE
            and self.agreement >= LEAST_AGREEMENT
            and (self.order >= LEAST_ORDER or not ranks)
        )

    def __str__(self) -> str:
        return (
            f"divergence {self.divergence:.1e}, agreement {self.agreement:.2%}, "
            f"order {self.order:.4f}"
        )


def fidelity(answers: Tensor, exact: Tensor) -> Fidelity:
    """Logits [N, C] against those in float32."""
    log_p, log_q = (ops.log_probabilities(at.double(), TEMPERATURE) for at in (answers, exact))
    return Fidelity(
        divergence=ops.kl_rows(log_q, log_p).mean().item(),
        agreement=agreement(answers, exact),
        order=_order(answers.double(), exact.double()),
    )


def _order(answers: Tensor, exact: Tensor) -> float:
    """Over the classes that matter most: the best ones of each row."""
    best = exact.topk(min(PAIRS_OF_CLASSES, exact.shape[1]), dim=1).indices
    signs = [
        torch.sign(at.unsqueeze(2) - at.unsqueeze(1))
        for at in (answers.gather(1, best), exact.gather(1, best))
    ]
    pairs = best.shape[1] * (best.shape[1] - 1)
    return ((signs[0] * signs[1]).sum(dim=(1, 2)) / pairs).mean().item()


def multiplies_bf16(device: str) -> bool:
    """Whether this device computes in bfloat16 rather than around it."""
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())  # noqa: SLF001 - not offered otherwise


def in_bf16(network: nn.Module) -> nn.Module:
    """A copy whose weights and statistics are bfloat16; it takes and gives bfloat16."""
    return copy.deepcopy(network).to(torch.bfloat16)
