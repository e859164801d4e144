"""What every export is made of: the student as its safetensors hold it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

    from kd_core.models.build import Plan


@dataclass(frozen=True)
class Student:
    """Float32, on the CPU; whoever exports it puts a copy into evaluation mode."""

    network: nn.Module
    plan: Plan
    class_names: tuple[str, ...]

    def description(self, layout: str) -> dict[str, str]:
        """What whoever loads a file must know of it, to be kept inside; lists are JSON."""
        return {
            "architecture": self.plan.architecture,
            "class_names": json.dumps(self.class_names),
            "image_size": str(self.plan.image_size),
            "interpolation": "bicubic",
            "crop": "center",
            "layout": layout,
            "mean": json.dumps(self.plan.mean),
            "std": json.dumps(self.plan.std),
        }
