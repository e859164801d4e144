"""A whole loss that takes its kernel, as it would on a GPU: for the process that interprets."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor

from kd_core.kernels import choice
from kd_core.objective import loss


def value_and_gradient_by_kernel(
    kind: str, params: dict[str, Any], student: Tensor, teacher: Tensor, labels: Tensor
) -> tuple[Tensor, Tensor]:
    asked = []

    def usable(logits: Tensor, kernel: choice.Kernel, **_: Any) -> bool:
        asked.append(kernel)
        return choice.fits(logits, kernel)

    student = student.clone().requires_grad_()
    with patch.object(choice, "usable", usable):
        value = loss(kind, **params)(student, teacher, labels)
        (gradient,) = torch.autograd.grad(value, student)
    if not asked:
        raise AssertionError(f"{kind} did not ask for a kernel")
    return value.detach(), gradient
