"""Wide residual networks: normalise, then activate, then convolve (arXiv:1605.07146)."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn.functional import relu

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


class WideBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = convolution(inputs, outputs, 3, stride=stride)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.conv2 = convolution(outputs, outputs, 3)
        # By the width alone, as published: wrn_40_1 keeps the identity in its first stage.
        self.convShortcut = (
            None if inputs == outputs else convolution(inputs, outputs, 1, stride=stride)
        )

    def forward(self, images: Tensor) -> Tensor:
        active = relu(self.bn1(images))
        around = images if self.convShortcut is None else self.convShortcut(active)
        inner: Tensor = self.conv2(relu(self.bn2(self.conv1(active))))
        return around + inner


class WideStage(nn.Module):
    """A stage under the name `layer`, as it is published."""

    def __init__(self, inputs: int, outputs: int, blocks: int, stride: int) -> None:
        super().__init__()
        first = WideBlock(inputs, outputs, stride)
        rest = (WideBlock(outputs, outputs, 1) for _ in range(blocks - 1))
        self.layer = nn.Sequential(first, *rest)

    def forward(self, images: Tensor) -> Tensor:
        features: Tensor = self.layer(images)
        return features


class WideResNet(CifarNetwork):
    """`depth` layers with weights: 6 in each round of the three stages, and 4 around them."""

    last_layer = "fc"

    def __init__(self, depth: int, widen: int, num_classes: int = 100, in_chans: int = 3) -> None:
        super().__init__(64 * widen, num_classes, in_chans)
        blocks = (depth - 4) // 6
        self.conv1 = convolution(in_chans, 16, 3)
        self.block1 = WideStage(16, 16 * widen, blocks, 1)
        self.block2 = WideStage(16 * widen, 32 * widen, blocks, 2)
        self.block3 = WideStage(32 * widen, 64 * widen, blocks, 2)
        self.bn1 = nn.BatchNorm2d(64 * widen)
        self.fc = linear(64 * widen, num_classes)
        start_convolutions(self)
        start_classifier(self)

    def forward_features(self, images: Tensor) -> Tensor:
        return relu(self.bn1(self.block3(self.block2(self.block1(self.conv1(images))))))


default_cfgs = configurations(WideResNet, "conv1", "wrn_16_2", "wrn_40_1", "wrn_40_2")


@registered
def wrn_16_2(**settings: Any) -> CifarNetwork:
    """703 284 parameters with 100 classes."""
    return built(WideResNet, "wrn_16_2", {"depth": 16, "widen": 2, **settings})


@registered
def wrn_40_1(**settings: Any) -> CifarNetwork:
    """569 780 parameters with 100 classes."""
    return built(WideResNet, "wrn_40_1", {"depth": 40, "widen": 1, **settings})


@registered
def wrn_40_2(**settings: Any) -> CifarNetwork:
    """2 255 156 parameters with 100 classes."""
    return built(WideResNet, "wrn_40_2", {"depth": 40, "widen": 2, **settings})
