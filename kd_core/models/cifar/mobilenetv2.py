"""MobileNetV2 at half width, with smaller strides for small images (arXiv:1801.04381).

As in RepDistiller: ReLU instead of ReLU6, widths that are not rounded, and an expansion also in
the first block.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from kd_core.models.cifar.network import (
    CifarNetwork,
    built,
    configurations,
    convolution,
    linear,
    registered,
    start_classifier,
    start_convolutions,
)

STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 1),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
"""Expansion, width, blocks and stride."""
FEATURES = 1280


class InvertedResidual(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = inputs * expansion
        self.conv = nn.Sequential(
            *_activated(inputs, inner, 1),
            *_activated(inner, inner, 3, stride=stride, groups=inner),
            convolution(inner, outputs, 1),
            nn.BatchNorm2d(outputs),
        )
        self.adds = stride == 1 and inputs == outputs

    def forward(self, images: Tensor) -> Tensor:
        inner: Tensor = self.conv(images)
        return images + inner if self.adds else inner


class CifarMobileNetV2(CifarNetwork):
    last_layer = "classifier.0"

    def __init__(self, width: float, num_classes: int = 100, in_chans: int = 3) -> None:
        super().__init__(FEATURES, num_classes, in_chans)
        inputs = int(32 * width)
        self.conv1 = nn.Sequential(*_activated(in_chans, inputs, 3, stride=2))
        self.blocks = nn.Sequential()
        for expansion, full, blocks, stride in STAGES:
            outputs = int(full * width)
            stage = [InvertedResidual(inputs, outputs, stride, expansion)]
            stage += [InvertedResidual(outputs, outputs, 1, expansion) for _ in range(blocks - 1)]
            self.blocks.append(nn.Sequential(*stage))
            inputs = outputs
        self.conv2 = nn.Sequential(*_activated(inputs, FEATURES, 1))
        self.classifier = nn.Sequential(linear(FEATURES, num_classes))
        start_convolutions(self)
        start_classifier(self, deviation=0.01)

    def forward_features(self, images: Tensor) -> Tensor:
        features: Tensor = self.conv2(self.blocks(self.conv1(images)))
        return features


def _activated(
    inputs: int, outputs: int, side: int, *, stride: int = 1, groups: int = 1
) -> tuple[nn.Module, ...]:
    return (
        convolution(inputs, outputs, side, stride=stride, groups=groups),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


default_cfgs = configurations(CifarMobileNetV2, "conv1.0", "mobilenetv2_half_cifar")


@registered
def mobilenetv2_half_cifar(**settings: Any) -> CifarNetwork:
    """MobileNetV2 of mdistiller: 812 836 parameters with 100 classes."""
    return built(CifarMobileNetV2, "mobilenetv2_half_cifar", {"width": 0.5, **settings})
