"""Making a network of timm's registry that fits the data: classes, image size, scale of input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import timm
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

import kd_core.models.cifar  # noqa: F401 - its networks join timm's
from kd_core.errors import ModelInvalid
from kd_core.shortage import is_out_of_memory

if TYPE_CHECKING:
    from kd_core.spec.models import Network

# What timm and torch raise when an architecture cannot take an image of this size.
UNFIT = (RuntimeError, AssertionError, ValueError, TypeError, IndexError, ZeroDivisionError)


@dataclass(frozen=True)
class Plan:
    """Everything that it takes to make the same network again."""

    architecture: str
    classes: int
    image_size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    arguments: dict[str, Any]
    """Of timm.create_model, beyond the number of classes."""
    classifier: str | None
    """The name of the last layer, where timm knows it."""

    @classmethod
    def of(cls, model: Network, classes: int, image_size: int) -> Plan:
        """`image_size` is the data's, for a model that has none of its own."""
        config = timm.get_pretrained_cfg(model.architecture)
        named = getattr(config, "classifier", None)
        image_size = model.image_size or image_size
        # Distilled networks have two heads; the first is the one that answers.
        classifier = named[0] if isinstance(named, tuple | list) else named
        fixed = bool(getattr(config, "fixed_input_size", False))
        return cls(
            architecture=model.architecture,
            classes=classes,
            image_size=image_size,
            mean=model.mean or tuple(getattr(config, "mean", (0.5, 0.5, 0.5))),
            std=model.std or tuple(getattr(config, "std", (0.5, 0.5, 0.5))),
            arguments={"img_size": image_size} if fixed else {},
            classifier=classifier if isinstance(classifier, str) else None,
        )

    def build(self, pointer: str) -> nn.Module:
        """The network with fresh weights, drawn from torch's generator; tried on two images."""
        try:
            network: nn.Module = timm.create_model(
                self.architecture, num_classes=self.classes, **self.arguments
            )
            shape = _output_shape(network, self.image_size)
        except UNFIT as error:
            if is_out_of_memory(error):
                raise
            raise ModelInvalid(
                f"{self.architecture} cannot take images of "
                f"{self.image_size}x{self.image_size}: {first_line(error)}",
                hint="set image_size beside architecture, raise data.image_size, or choose another "
                "architecture",
                pointer=pointer,
                code="architecture_unfit",
            ) from None
        if shape != (2, self.classes):
            raise ModelInvalid(
                f"{self.architecture} answers with {shape[1:] or 'several outputs'}, not one logit "
                f"for each of {self.classes} classes",
                hint="choose an architecture that classifies images",
                pointer=pointer,
                code="architecture_unfit",
            )
        return network

    def inputs(self, images: Tensor) -> Tensor:
        """What the network eats. uint8 [B, H, W, 3] -> float32 [B, 3, S, S], scaled its own way"""
        pixels = self._planes(images).div_(255)
        mean = pixels.new_tensor(self.mean).view(3, 1, 1)
        std = pixels.new_tensor(self.std).view(3, 1, 1)
        return pixels.sub_(mean).div_(std)

    def pixels(self, images: Tensor) -> Tensor:
        """The images at the network's own size. uint8 [B, H, W, 3] -> uint8 [B, S, S, 3]"""
        return self._planes(images).to(torch.uint8).permute(0, 2, 3, 1)

    def _planes(self, images: Tensor) -> Tensor:
        return _resized(images.permute(0, 3, 1, 2).float(), self.image_size)


def _resized(pixels: Tensor, side: int) -> Tensor:
    """As Pillow does with bicubic filtering: first across, then down. [B, 3, H, W], 0-255"""
    for shape in ((pixels.shape[2], side), (side, side)):
        if pixels.shape[2:] != shape:
            pixels = interpolate(pixels, shape, mode="bicubic", antialias=True)
            # What Pillow keeps between the two are bytes: no overshoot reaches the second.
            pixels = pixels.round_().clamp_(0, 255)
    return pixels


def _output_shape(network: nn.Module, image_size: int) -> tuple[int, ...]:
    """The shape of the answer to two grey images; leaves weights, statistics and mode alone."""
    network.eval()
    with torch.no_grad():
        answer = network(torch.zeros(2, 3, image_size, image_size))
    network.train()
    return tuple(answer.shape) if isinstance(answer, Tensor) else ()


def first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
