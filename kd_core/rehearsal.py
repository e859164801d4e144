"""Packing and measuring, tried before training: what cannot be shipped is not trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from safetensors import SafetensorError

from kd_core.errors import ModelInvalid
from kd_core.models.build import UNFIT, first_line
from kd_core.models.measure import macs
from kd_core.packaging import timm_folder
from kd_core.shortage import is_out_of_memory

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn

    from kd_core.models.build import Plan


def rehearse(network: nn.Module, plan: Plan, scratch: Path, pointer: str) -> None:
    """Pack the fresh network, load it as a user would, and count its work."""
    folder = scratch / "rehearsal"
    try:
        timm_folder.save(network, plan, (), folder)
        image = torch.zeros(1, plan.image_size, plan.image_size, 3, dtype=torch.uint8)
        macs(timm_folder.load(folder), plan.inputs(image))
    except (*UNFIT, SafetensorError) as error:
        if is_out_of_memory(error):
            raise
        raise ModelInvalid(
            f"{plan.architecture} can be trained but not shipped: {first_line(error)}",
            hint="choose another architecture",
            pointer=pointer,
            code="architecture_unfit",
        ) from None
