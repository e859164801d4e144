"""What every export is made of: the student as its safetensors hold it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx import ModelProto
    from torch import nn

    from kd_core.models.build import Plan


@dataclass(frozen=True)
class Student:
    """Float32, on the CPU; whoever exports it puts a copy into evaluation mode."""

    network: nn.Module
    plan: Plan
    class_names: tuple[str, ...]

    @cached_property
    def graph(self) -> ModelProto:
        """In float32: what formats of ONNX begin with. Whoever changes it takes a copy."""
        # onnx and the exporter take seconds to import, and most runs need neither.
        from kd_core.models.onnx.export import exported

        return exported(self.network, self.plan.image_size)

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
