"""The files that a student is shipped as, and what reports call them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from kd_core.spec.section import Section, misplaced

ExportFormat = Literal["safetensors", "onnx", "onnx_int8", "torch_export"]
WEIGHTS: Literal["safetensors"] = "safetensors"
ARTIFACTS: Mapping[ExportFormat, tuple[str, ...]] = {
    "safetensors": ("safetensors",),
    "onnx": ("onnx", "onnx_uint8"),
    "onnx_int8": ("onnx_int8",),
    "torch_export": ("torch_export",),
}
"""What the report calls the files of each format."""


def _is_required(given: dict[str, Any]) -> bool:
    return given.get("format") == WEIGHTS


class Export(Section):
    format: ExportFormat
    """safetensors: the student's weights with timm's config.json beside them. onnx: a graph for
    onnxruntime, and one that takes pixels. onnx_int8: a quarter of the size; the best of a grid of
    recipes, each calibrated on training images and measured. torch_export: a program that torch
    runs alone.
    """
    required: bool = Field(default_factory=_is_required)
    """true: the run fails where this export fails, which is tried before training. When not given,
    true for safetensors, which the others are made of, and false for these.
    """

    @model_validator(mode="after")
    def _weights_are_always_required(self) -> Self:
        if self.format == WEIGHTS and not self.required:
            raise misplaced(
                "/required",
                "always_required",
                f"{WEIGHTS} is what every other export is made of",
                "drop required",
            )
        return self


def with_weights(exports: tuple[Export, ...]) -> tuple[Export, ...]:
    """The weights too, named or not: there is no other file without them. They come last, so that
    every other place is that of the document.
    """
    formats = [export.format for export in exports]
    for position, name in enumerate(formats):
        if name in formats[:position]:
            raise misplaced(
                f"/{position}/format",
                "stands_twice",
                f"the format {name} stands twice",
                "write each format once",
            )
    return exports if WEIGHTS in formats else (*exports, Export(format=WEIGHTS))


def artifact_names(exports: Sequence[Export]) -> tuple[str, ...]:
    """What the files of these exports are called in the report, and so by the `of` of a gate."""
    return tuple(name for export in exports for name in ARTIFACTS[export.format])
